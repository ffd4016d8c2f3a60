using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.SigningIn;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Federation.Refreshing;

/// <summary>
/// When an application refreshes, the provider is asked whether what the grant hangs on still lives: the session there,
/// or the person's offline token. One request asks, at most once a minute, whatever replicas there are.
/// </summary>
internal sealed partial class UpstreamCheck(
    AuthDbContext database, ProviderSet providers, AskProvider asking, FederatedAccounts accounts, EndingActs endings, TimeProvider time,
    ILogger<UpstreamCheck> logger)
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    /// <summary>For a grant that is bound to a session.</summary>
    internal async Task<ProviderSays> AskAsync(Session session, CancellationToken cancellationToken)
    {
        if (session.Upstream is not { } upstream)
        {
            return ProviderSays.GoOn;
        }

        var provider = providers.Find(upstream.Provider);
        if (upstream.Token is not { } token)
        {
            if (!SessionAge.IsOver(provider, upstream, time.GetUtcNow()))
            {
                return ProviderSays.GoOn;
            }

            await endings.EndSessionAsync(session, EndReason.UpstreamEnded, cancellationToken);
            return ProviderSays.Ended;
        }

        var now = time.GetUtcNow();
        var due = now - Interval;
        var isOurTurn = await database.Sessions.Where(row => row.Id == session.Id && row.Upstream!.AskedAt <= due)
            .ExecuteUpdateAsync(row => row.SetProperty(column => column.Upstream!.AskedAt, now), cancellationToken) == 1;
        if (!isOurTurn)
        {
            return WithinGrace(provider, upstream.ConfirmedAt);
        }

        try
        {
            var confirmed = await asking.AskAsync(Known(provider, upstream.Provider), upstream.Subject, token);
            await database.Sessions.Where(row => row.Id == session.Id && row.Upstream!.AskedAt == now).ExecuteUpdateAsync(
                row => row
                    .SetProperty(column => column.Upstream!.Token, confirmed.Token)
                    .SetProperty(column => column.Upstream!.ConfirmedAt, now),
                CancellationToken.None);
            await TakeAsync(session.AccountId, confirmed);
            return ProviderSays.GoOn;
        }
        catch (ProviderException exception) when (exception.Fault == ProviderFault.InvalidGrant)
        {
            await endings.EndSessionAsync(session, EndReason.UpstreamEnded, CancellationToken.None);
            return ProviderSays.Ended;
        }
        catch (ProviderException exception)
        {
            Log(exception, upstream.Provider);
            return WithinGrace(provider, upstream.ConfirmedAt);
        }
    }

    /// <summary>For a grant that stands alone.</summary>
    internal async Task<ProviderSays> AskAsync(Grant grant, CancellationToken cancellationToken)
    {
        if (grant.Provider is not { } key)
        {
            return ProviderSays.GoOn;
        }

        var provider = providers.Find(key);
        var link = await database.Links.AsNoTracking().FirstOrDefaultAsync(
            row => row.Provider == key && row.Subject == grant.UpstreamSubject && row.AccountId == grant.AccountId, cancellationToken);
        var now = time.GetUtcNow();
        if (link is null || (link.OfflineToken is null && provider is not null && now - link.LastSignInAt >= provider.OfflineLifetime))
        {
            await endings.EndGrantAsync(grant.Id, EndReason.UpstreamEnded, cancellationToken);
            return ProviderSays.Ended;
        }

        if (link.OfflineToken is not { } token)
        {
            return ProviderSays.GoOn;
        }

        var due = now - Interval;
        var isOurTurn = await database.Links.Where(row => row.Provider == link.Provider && row.Subject == link.Subject && (row.AskedAt == null || row.AskedAt <= due))
            .ExecuteUpdateAsync(row => row.SetProperty(column => column.AskedAt, now), cancellationToken) == 1;
        var confirmedAt = link.ConfirmedAt ?? link.LastSignInAt;
        if (!isOurTurn)
        {
            return WithinGrace(provider, confirmedAt);
        }

        try
        {
            var confirmed = await asking.AskAsync(Known(provider, key), link.Subject, token);
            await database.Links.Where(row => row.Provider == link.Provider && row.Subject == link.Subject).ExecuteUpdateAsync(
                row => row.SetProperty(column => column.OfflineToken, confirmed.Token).SetProperty(column => column.ConfirmedAt, now), CancellationToken.None);
            await TakeAsync(link.AccountId, confirmed);
            return ProviderSays.GoOn;
        }
        catch (ProviderException exception) when (exception.Fault == ProviderFault.InvalidGrant)
        {
            await database.Links.Where(row => row.Provider == link.Provider && row.Subject == link.Subject)
                .ExecuteUpdateAsync(row => row.SetProperty(column => column.OfflineToken, (byte[]?)null), CancellationToken.None);
            await endings.EndEverythingAsync(link.AccountId, EndReason.UpstreamEnded, CancellationToken.None);
            return ProviderSays.Ended;
        }
        catch (ProviderException exception)
        {
            Log(exception, key);
            return WithinGrace(provider, confirmedAt);
        }
    }

    private static Provider Known(Provider? provider, string key) => provider ?? throw new ProviderException(
        ProviderFault.Misconfigured, $"It is no longer under '{ProviderSet.Section}:{key}', but people who signed in with it are here still.");

    private ProviderSays WithinGrace(Provider? provider, DateTimeOffset confirmedAt) =>
        time.GetUtcNow() - confirmedAt < (provider?.UnreachableGrace ?? new ProviderOptions().UnreachableGrace) ? ProviderSays.GoOn : ProviderSays.Later;

    private async Task TakeAsync(string accountId, Confirmation confirmed)
    {
        if (confirmed.Identity is { } identity)
        {
            await accounts.RefreshAsync(accountId, identity, CancellationToken.None);
        }
    }

    private void Log(ProviderException exception, string provider) =>
        NotAsked(exception.Fault == ProviderFault.Misconfigured ? LogLevel.Error : LogLevel.Warning, provider, exception.Message);

    [LoggerMessage(Message = "The provider '{Provider}' could not be asked whether a person is still signed in: {Reason}")]
    private partial void NotAsked(LogLevel level, string provider, string reason);
}
