using System.Collections.Concurrent;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;

namespace McpAspire.AuthServer.Clients.Configured;

/// <summary>
/// The rows of configured clients, which change only when a process starts: each is read once a second at most. Those of
/// strangers are always read, since their documents change while we run.
/// </summary>
internal sealed class ConfiguredClientRows
{
    private static readonly TimeSpan KnownFor = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (OpenIddictEntityFrameworkCoreApplication Client, long ReadAt)> _known = new(StringComparer.Ordinal);

    private readonly Func<AuthDbContext, string, Task<OpenIddictEntityFrameworkCoreApplication?>> _query = EF.CompileAsyncQuery(
        (AuthDbContext database, string clientId) => database.Clients.AsTracking().FirstOrDefault(client => client.ClientId == clientId));

    // Real time: another process starts in it.
    internal OpenIddictEntityFrameworkCoreApplication? Find(string clientId) =>
        _known.TryGetValue(clientId, out var known) && TimeProvider.System.GetElapsedTime(known.ReadAt) < KnownFor ? known.Client : null;

    internal async Task<OpenIddictEntityFrameworkCoreApplication?> ReadAsync(AuthDbContext database, string clientId)
    {
        var client = await _query(database, clientId);
        if (client is not null && ClientProfile.Parse(client.Properties) is { Source: ClientSource.Configured })
        {
            // It outlives this request, so its context must not follow it.
            database.Entry(client).State = EntityState.Detached;
            _known[clientId] = (client, TimeProvider.System.GetTimestamp());
        }

        return client;
    }

    /// <summary>Makes the next one who looks read again.</summary>
    internal void Forget() => _known.Clear();
}
