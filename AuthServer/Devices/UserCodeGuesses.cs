using McpAspire.AuthServer.SignIn;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Devices;

/// <summary>
/// Counts the wrong user codes of a session: within any minute 5 are looked at (RFC 8628 §5.1). Each try counts before the
/// code is looked at, so that parallel guesses can't outrun the count; a right one is taken back, and one that was refused
/// does not count.
/// </summary>
internal sealed class UserCodeGuesses(IConnectionMultiplexer redis, TimeProvider time)
{
    internal const int WrongPerMinute = 5;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Counts a try.</summary>
    /// <returns>The try, for <see cref="TakeBackAsync"/> where it was right; null where the session had too many.</returns>
    internal async Task<string?> MayTryAsync(string sid)
    {
        var now = time.GetUtcNow();
        var guess = RandomId.New();
        var transaction = redis.GetDatabase().CreateTransaction();
        _ = transaction.SortedSetRemoveRangeByScoreAsync(Key(sid), double.NegativeInfinity, (now - Window).ToUnixTimeMilliseconds());
        _ = transaction.SortedSetAddAsync(Key(sid), guess, now.ToUnixTimeMilliseconds());
        var guesses = transaction.SortedSetLengthAsync(Key(sid));
        _ = transaction.KeyExpireAsync(Key(sid), Window);
        await transaction.ExecuteAsync();
        if (await guesses <= WrongPerMinute)
        {
            return guess;
        }

        await TakeBackAsync(sid, guess);
        return null;
    }

    /// <summary>Counts a try no more.</summary>
    /// <param name="sid">The session.</param>
    /// <param name="guess">What <see cref="MayTryAsync"/> returned.</param>
    internal Task TakeBackAsync(string sid, string guess) => redis.GetDatabase().SortedSetRemoveAsync(Key(sid), guess);

    private static string Key(string sid) => $"authserver:device-guesses:{sid}";
}
