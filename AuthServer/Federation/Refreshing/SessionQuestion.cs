using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.SigningIn;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Federation.Refreshing;

/// <summary>
/// Whether a session at a provider lives, asked with its refresh token. Where the person signed in again meanwhile, the
/// answer is about a token that nobody has any more, and changes nothing.
/// </summary>
internal sealed class SessionQuestion(AuthDbContext database, AskProvider asking, FederatedAccounts accounts, EndingActs endings, UnansweredLog log)
{
    /// <param name="sid">Our session.</param>
    /// <param name="askedAt">The turn in which it is asked.</param>
    internal async Task<ProviderSays?> AskAsync(string sid, DateTimeOffset askedAt)
    {
        var session = await database.Sessions.AsNoTracking().FirstOrDefaultAsync(row => row.Id == sid && row.EndedAt == null && row.Upstream!.AskedAt == askedAt);
        if (session?.Upstream is not { Token: { } token } upstream)
        {
            return null;
        }

        try
        {
            var confirmed = await asking.AskAsync(upstream.Provider, upstream.Subject, token);
            var kept = await database.Sessions.Where(row => row.Id == sid && row.Upstream!.AskedAt == askedAt).ExecuteUpdateAsync(
                row => row
                    .SetProperty(column => column.Upstream!.Token, confirmed.Token)
                    .SetProperty(column => column.Upstream!.ConfirmedAt, askedAt)
                    .SetProperty(column => column.Upstream!.SilentSince, (DateTimeOffset?)null));
            if (kept == 1 && confirmed.Identity is { } identity)
            {
                await accounts.RefreshAsync(session.AccountId, identity, CancellationToken.None);
            }

            return ProviderSays.Confirmed;
        }
        catch (ProviderException exception) when (exception.Fault == ProviderFault.InvalidGrant)
        {
            if (!await database.Sessions.AnyAsync(row => row.Id == sid && row.Upstream!.AskedAt == askedAt))
            {
                return ProviderSays.GoOn;
            }

            await endings.EndSessionAsync(session, EndReason.UpstreamEnded, CancellationToken.None);
            return ProviderSays.Ended;
        }
        catch (ProviderException exception)
        {
            log.Write(exception, upstream.Provider);
            return null;
        }
    }
}
