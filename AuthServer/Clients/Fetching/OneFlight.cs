using System.Collections.Concurrent;

namespace McpAspire.AuthServer.Clients.Fetching;

/// <summary>Lets one of all who want the same thing at a time fetch it, and the others wait for that.</summary>
/// <typeparam name="TResult">What is fetched.</typeparam>
internal sealed class OneFlight<TResult>
{
    private readonly ConcurrentDictionary<string, Lazy<Task<TResult>>> _flights = new(StringComparer.Ordinal);

    internal async Task<TResult> JoinAsync(string key, Func<Task<TResult>> fetch)
    {
        var flight = _flights.GetOrAdd(key, _ => new Lazy<Task<TResult>>(fetch));
        try
        {
            return await flight.Value;
        }
        finally
        {
            _flights.TryRemove(KeyValuePair.Create(key, flight));
        }
    }
}
