using McpAspire.AuthServer.Devices;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Federation.Revoking;

/// <summary>
/// Finds the tokens that became unneeded without an act that says so: offline tokens on which no application hangs any
/// more, however its grant ended, and those of sessions that are over for want of use.
/// </summary>
internal sealed class UnneededTokenSweep(AuthDbContext database, OfflineTokens offlineTokens, UnneededTokens unneeded, TimeProvider time)
{
    /// <summary>
    /// How long nothing must have hung on an offline token: longer than an authorization that counted on it may take from
    /// there to its grant (5 minutes for the answer to a consent and 60 seconds for the code, or as long as a device's code).
    /// </summary>
    internal static readonly TimeSpan Quiet = DeviceOptions.LongestCodeLifetime + TimeSpan.FromMinutes(5);

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginInTurnAsync(cancellationToken);
        await ForgetOfflineTokensAsync(cancellationToken);
        await EndIdleSessionsAsync(cancellationToken);
        await unneeded.SaveAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task ForgetOfflineTokensAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var link in await offlineTokens.Unused(now, quietSince: now - Quiet).AsNoTracking().ToListAsync(cancellationToken))
        {
            unneeded.Add(link.Provider, link.AccountId, link.OfflineToken);
            await database.Links.Where(row => row.Provider == link.Provider && row.Subject == link.Subject)
                .ExecuteUpdateAsync(row => row.SetProperty(column => column.OfflineToken, (byte[]?)null), cancellationToken);
        }
    }

    private async Task EndIdleSessionsAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var unused = now - Sessions.Lifetime;
        foreach (var session in await database.Sessions.AsNoTracking()
            .Where(row => row.EndedAt == null && row.LastUsedAt < unused && row.Upstream!.Token != null).ToListAsync(cancellationToken))
        {
            unneeded.Add(session.Upstream, session.AccountId);
            await database.Sessions.Where(row => row.Id == session.Id)
                .ExecuteUpdateAsync(row => row.SetProperty(column => column.EndedAt, now), cancellationToken);
        }
    }
}
