using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Clients;

/// <summary>Reads the profiles of many clients at once.</summary>
internal static class ClientProfiles
{
    /// <summary>The profiles by client id; a client that is gone is not among them.</summary>
    internal static async Task<Dictionary<string, ClientProfile?>> OfAsync(AuthDbContext database, string[] clientIds, CancellationToken cancellationToken) =>
        clientIds.Length == 0
            ? []
            : (await database.Clients.AsNoTracking()
                .Where(client => clientIds.Contains(client.ClientId))
                .Select(client => new { client.ClientId, client.Properties })
                .ToListAsync(cancellationToken))
            .ToDictionary(client => client.ClientId!, client => ClientProfile.Parse(client.Properties), StringComparer.Ordinal);
}
