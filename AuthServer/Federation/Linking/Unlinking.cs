using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Federation.Linking;

/// <summary>Takes a link away, unless it is the person's last way in, and ends what hangs on it.</summary>
internal sealed class Unlinking(AuthDbContext database, ProviderSet providers, EndingActs endings)
{
    /// <returns>False where it is the last way in; nothing changed then.</returns>
    internal async Task<bool> RemoveAsync(string accountId, string provider, CancellationToken cancellationToken)
    {
        // One after the other: two removals can't each count on the other's link.
        await using var transaction = await database.BeginInTurnAsync(cancellationToken);
        var links = database.Links.Where(link => link.AccountId == accountId && link.Provider == provider);
        var removed = await links.AsNoTracking().ToListAsync(cancellationToken);
        await links.ExecuteDeleteAsync(cancellationToken);
        var left = await database.Links.Where(link => link.AccountId == accountId).Select(link => link.Provider).ToListAsync(cancellationToken);
        var hasPassword = providers.HasBuiltInAccounts
            && await database.Accounts.AnyAsync(account => account.Id == accountId && account.PasswordHash != null, cancellationToken);
        if (!hasPassword && !left.Exists(key => providers.Find(key) is not null))
        {
            return false;
        }

        await endings.EndUnlinkedAsync(transaction, accountId, provider, removed, cancellationToken);
        return true;
    }
}
