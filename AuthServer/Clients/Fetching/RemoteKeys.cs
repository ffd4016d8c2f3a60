using System.Collections.Concurrent;
using System.Text;
using McpAspire.AuthServer.Clients.Documents;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Clients.Fetching;

/// <summary>
/// The key sets at the <c>jwks_uri</c> of clients: fetched when an assertion is to be verified, kept as long as a
/// metadata document would be, one flight per URL and reason; bad ones never. Limits of attempts as for documents.
/// </summary>
internal sealed class RemoteKeys(RemoteJson remote, ClientGuard guards, FetchLimit limit, Freshness freshness, DocumentOptions options, TimeProvider time)
{
    private const int MostKept = 1000;

    private readonly ConcurrentDictionary<string, (JsonWebKeySet Keys, DateTimeOffset FreshUntil)> _kept = new(StringComparer.Ordinal);
    private readonly OneFlight<JsonWebKeySet> _flights = new();

    /// <param name="url">The client's <c>jwks_uri</c>.</param>
    /// <param name="source">Where the client comes from.</param>
    /// <param name="clientId">Its id.</param>
    /// <exception cref="ClientRefusedException">They can't be had; the message says why.</exception>
    internal async Task<JsonWebKeySet> GetAsync(string url, ClientSource source, string clientId) =>
        _kept.TryGetValue(url, out var kept) && kept.FreshUntil > time.GetUtcNow() ? kept.Keys : await FetchAsync(new Uri(url), source, clientId, "jwks", limit.CountUrlAsync);

    /// <summary>Fetches them anew, fresh or not: a key may be new. Such attempts have a limit of their own, so that they can't use up the other's.</summary>
    /// <param name="url">The client's <c>jwks_uri</c>.</param>
    /// <param name="source">Where the client comes from.</param>
    /// <param name="clientId">Its id.</param>
    /// <exception cref="ClientRefusedException">As for <see cref="GetAsync"/>.</exception>
    internal Task<JsonWebKeySet> RenewAsync(string url, ClientSource source, string clientId) => FetchAsync(new Uri(url), source, clientId, "jwks-kid", limit.CountUnknownKeyAsync);

    private async Task<JsonWebKeySet> FetchAsync(
        Uri uri, ClientSource source, string clientId, string kind, Func<string, string, string, Task> countAsync)
    {
        var url = uri.OriginalString;
        var guard = guards.For(source, clientId, uri);
        // Whoever only waits for what another fetches counts too.
        await limit.CountSourceAsync("jwks", "key sets");
        return await _flights.JoinAsync($"{kind} {guard == guards.ForDocuments} {url}", async () =>
        {
            await countAsync(kind, url, "jwks_uri");
            var answer = await remote.GetAsync(guard, uri, options.MostKeyBytes, "client's key set");
            var keys = ClientKeys.Parse(Encoding.UTF8.GetString(answer.Body.Span));
            Keep(url, keys, time.GetUtcNow() + freshness.Of(answer));
            return keys;
        });
    }

    private void Keep(string url, JsonWebKeySet keys, DateTimeOffset freshUntil)
    {
        if (_kept.Count >= MostKept)
        {
            foreach (var (old, _) in _kept.OrderBy(entry => entry.Value.FreshUntil).Take(MostKept / 10))
            {
                _kept.TryRemove(old, out _);
            }
        }

        _kept[url] = (keys, freshUntil);
    }
}
