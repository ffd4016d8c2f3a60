using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Federation.Refreshing;

/// <summary>
/// When an application refreshes, the provider is asked whether what the grant hangs on still lives: the session there,
/// or the person's offline token. One request asks, at most once a minute, whatever replicas there are; the others go on
/// by what is known. A provider's silence counts from the first question that it left unanswered.
/// </summary>
internal sealed class UpstreamCheck(
    AuthDbContext database, ProviderSet providers, UpstreamQuestions questions, EndingActs endings, TimeProvider time)
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
        if (upstream.Token is null)
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
        if (upstream.AskedAt > due)
        {
            return WithinGrace(provider, upstream.SilentSince);
        }

        var isOurTurn = await database.Sessions.Where(row => row.Id == session.Id && row.Upstream!.AskedAt <= due).ExecuteUpdateAsync(
            row => row
                .SetProperty(column => column.Upstream!.SilentSince, column => column.Upstream!.SilentSince ?? now)
                .SetProperty(column => column.Upstream!.AskedAt, now),
            cancellationToken) == 1;
        if (isOurTurn && await questions.AskAsync<SessionQuestion>(question => question.AskAsync(session.Id, now)) is { } says)
        {
            return says;
        }

        var silentSince = await database.Sessions.Where(row => row.Id == session.Id).Select(row => row.Upstream!.SilentSince).FirstAsync(cancellationToken);
        return WithinGrace(provider, silentSince);
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
        var longest = provider?.OfflineLifetime ?? new ProviderOptions().OfflineLifetime;
        if (link is null || (link.OfflineToken is null && now - link.LastSignInAt >= longest))
        {
            await endings.EndGrantAsync(grant.Id, EndReason.UpstreamEnded, cancellationToken);
            return ProviderSays.Ended;
        }

        if (link.OfflineToken is null)
        {
            return ProviderSays.GoOn;
        }

        var due = now - Interval;
        if (link.AskedAt > due)
        {
            return WithinGrace(provider, link.SilentSince);
        }

        var same = database.Links.Where(row => row.Provider == link.Provider && row.Subject == link.Subject);
        var isOurTurn = await same.Where(row => row.AskedAt == null || row.AskedAt <= due).ExecuteUpdateAsync(
            row => row
                .SetProperty(column => column.SilentSince, column => column.SilentSince ?? now)
                .SetProperty(column => column.AskedAt, now),
            cancellationToken) == 1;
        if (isOurTurn && await questions.AskAsync<LinkQuestion>(question => question.AskAsync(link.Provider, link.Subject, now)) is { } says)
        {
            return says;
        }

        return WithinGrace(provider, await same.Select(row => row.SilentSince).FirstAsync(cancellationToken));
    }

    private ProviderSays WithinGrace(Provider? provider, DateTimeOffset? silentSince) =>
        time.GetUtcNow() - silentSince >= (provider?.UnreachableGrace ?? new ProviderOptions().UnreachableGrace) ? ProviderSays.Later : ProviderSays.GoOn;
}
