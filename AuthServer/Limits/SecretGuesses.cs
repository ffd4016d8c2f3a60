using System.Collections.Concurrent;

namespace McpAspire.AuthServer.Limits;

/// <summary>
/// Closes the door to a network that brought too many wrong secrets of a client (RFC 6749 §2.3.1), for that client alone:
/// others behind the same address go on. Whoever is right costs no look into a store: each process keeps in memory to whom
/// it closed, and learns of what other processes counted with the first wrong secret that comes to it.
/// </summary>
internal sealed class SecretGuesses(WrongTries tries, RequestSource source, GuessingOptions options, TimeProvider time)
{
    private const int MostClosed = 10_000;

    private readonly ConcurrentDictionary<(string Network, string ClientId), DateTimeOffset> _closed = new();

    /// <summary>How long the door stays closed for the request under way; null where it is open.</summary>
    internal TimeSpan? Wait(string clientId) =>
        _closed.TryGetValue((source.Network, clientId), out var until) && until - time.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : null;

    /// <summary>Counts a wrong secret that the request under way brought.</summary>
    internal async Task CountAsync(string clientId)
    {
        var who = (source.Network, clientId);
        // The last one that may be wrong closes the door, not the one after it.
        if ((await tries.CountAsync("secret", $"{who.Network} {clientId}", options.SecretsPerMinute - 1)).Wait is { } wait)
        {
            Forget();
            _closed[who] = time.GetUtcNow() + wait;
        }
    }

    /// <summary>Forgets what is open again, and all where it is too much: then it is counted anew.</summary>
    private void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var door in _closed.Where(door => door.Value <= now))
        {
            _closed.TryRemove(door);
        }

        if (_closed.Count >= MostClosed)
        {
            _closed.Clear();
        }
    }
}
