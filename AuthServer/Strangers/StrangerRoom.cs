using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Strangers;

/// <summary>Keeps the number of clients that nobody used yet within its bound: where it is reached, the oldest go first.</summary>
internal sealed class StrangerRoom(StrangerPruning pruning, StrangerOptions options, TimeProvider time)
{
    /// <summary>True where one more may be.</summary>
    /// <param name="database">The database.</param>
    /// <param name="source">Of which kind.</param>
    /// <param name="safeFor">How long a client is safe after it came, however many others come.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    internal async Task<bool> MakeAsync(AuthDbContext database, ClientSource source, TimeSpan safeFor, CancellationToken cancellationToken)
    {
        var unused = database.StrangerClients.Where(client => client.Source == source && client.LastUsedAt == null);
        if (await unused.CountAsync(cancellationToken) < options.MostUnused)
        {
            return true;
        }

        var before = time.GetUtcNow() - safeFor;
        return await pruning.RemoveAsync(
            database, unused.Where(client => client.CreatedAt <= before).OrderBy(client => client.CreatedAt).Take(1), cancellationToken) > 0;
    }
}
