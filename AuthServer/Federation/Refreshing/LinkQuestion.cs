using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.SigningIn;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Federation.Refreshing;

/// <summary>
/// Whether a person's offline authorization at a provider lives, asked with its token. Where a newer token came
/// meanwhile, the answer changes nothing.
/// </summary>
internal sealed class LinkQuestion(AuthDbContext database, AskProvider asking, FederatedAccounts accounts, EndingActs endings, UnansweredLog log)
{
    /// <param name="provider">The provider's key.</param>
    /// <param name="subject">The person's <c>sub</c> there.</param>
    /// <param name="askedAt">The turn in which it is asked.</param>
    internal async Task<ProviderSays?> AskAsync(string provider, string subject, DateTimeOffset askedAt)
    {
        var asked = database.Links.Where(row => row.Provider == provider && row.Subject == subject && row.AskedAt == askedAt);
        if (await asked.AsNoTracking().FirstOrDefaultAsync() is not { OfflineToken: { } token } link)
        {
            return null;
        }

        try
        {
            var confirmed = await asking.AskAsync(provider, subject, token);
            var kept = await asked.ExecuteUpdateAsync(
                row => row.SetProperty(column => column.OfflineToken, confirmed.Token).SetProperty(column => column.SilentSince, (DateTimeOffset?)null));
            if (kept == 1 && confirmed.Identity is { } identity)
            {
                await accounts.RefreshAsync(link.AccountId, identity, CancellationToken.None);
            }

            return ProviderSays.Confirmed;
        }
        catch (ProviderException exception) when (exception.Fault == ProviderFault.InvalidGrant)
        {
            if (await asked.ExecuteUpdateAsync(row => row.SetProperty(column => column.OfflineToken, (byte[]?)null)) == 0)
            {
                return ProviderSays.GoOn;
            }

            await endings.EndEverythingAsync(link.AccountId, EndReason.UpstreamEnded, CancellationToken.None);
            return ProviderSays.Ended;
        }
        catch (ProviderException exception)
        {
            log.Write(exception, provider);
            return null;
        }
    }
}
