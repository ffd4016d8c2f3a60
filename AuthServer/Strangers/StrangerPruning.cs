using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Strangers;

/// <summary>
/// Removes clients that nobody configured and nobody uses, with what hangs on them. One with a living grant stays.
/// </summary>
internal sealed class StrangerPruning(StrangerOptions options, AuditLog audit)
{
    private const int AtOnce = 1000;

    internal Task<int> PruneAsync(AuthDbContext database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Who registers the same again has its id anew in time, and so half of this at least to use it.
        var unused = now - options.UnusedLifetime;
        var idle = now - options.IdleLifetime;
        return RemoveAsync(
            database,
            database.StrangerClients
                .Where(client => client.CreatedAt < unused && (client.LastUsedAt == null || client.LastUsedAt < idle))
                .OrderBy(client => client.CreatedAt)
                .Take(AtOnce),
            cancellationToken);
    }

    /// <summary>Removes those of the clients that have no living grant and were not used meanwhile. Returns how many.</summary>
    internal async Task<int> RemoveAsync(AuthDbContext database, IQueryable<StrangerClient> clients, CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var client in await clients.AsNoTracking().ToArrayAsync(cancellationToken))
        {
            removed += await RemoveAsync(database, client, cancellationToken) ? 1 : 0;
        }

        return removed;
    }

    private async Task<bool> RemoveAsync(AuthDbContext database, StrangerClient client, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(cancellationToken);
        var gone = await database.StrangerClients
            .Where(row => row.ClientId == client.ClientId && row.LastUsedAt == client.LastUsedAt && row.CreatedAt == client.CreatedAt)
            .Where(row => !database.Grants.Any(grant => grant.ClientId == row.ClientId && grant.EndedAt == null))
            .ExecuteDeleteAsync(cancellationToken);
        if (gone == 0)
        {
            return false;
        }

        await database.Tokens.Where(token => token.Application!.ClientId == client.ClientId).ExecuteDeleteAsync(cancellationToken);
        await database.Grants.Where(grant => grant.ClientId == client.ClientId).ExecuteDeleteAsync(cancellationToken);
        await database.Consents.Where(consent => consent.ClientId == client.ClientId).ExecuteDeleteAsync(cancellationToken);
        await database.Clients.Where(row => row.ClientId == client.ClientId).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        audit.UnusedClientRemoved(client.ClientId);
        return true;
    }
}
