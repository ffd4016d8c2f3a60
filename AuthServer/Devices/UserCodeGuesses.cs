using System.Globalization;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Devices;

/// <summary>
/// Counts the wrong user codes of a session: after 5 in a minute none is looked at until the next (RFC 8628 §5.1). Each try
/// counts before the code is looked at, so that parallel guesses can't outrun the count, and a right one is taken back.
/// </summary>
internal sealed class UserCodeGuesses(IConnectionMultiplexer redis, TimeProvider time)
{
    internal const int WrongPerMinute = 5;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(2);

    internal async Task<bool> MayTryAsync(string sid)
    {
        var store = redis.GetDatabase();
        var key = Key(sid);
        var tries = await store.StringIncrementAsync(key);
        await store.KeyExpireAsync(key, Kept);
        return tries <= WrongPerMinute;
    }

    internal Task WasRightAsync(string sid) => redis.GetDatabase().StringDecrementAsync(Key(sid));

    private string Key(string sid) =>
        string.Create(CultureInfo.InvariantCulture, $"authserver:device-guesses:{sid}:{time.GetUtcNow().ToUnixTimeSeconds() / 60}");
}
