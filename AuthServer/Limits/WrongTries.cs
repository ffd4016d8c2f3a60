using System.Security.Cryptography;
using System.Text;
using McpAspire.AuthServer.SignIn;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Limits;

/// <summary>
/// Counts wrong tries within any minute, in Redis, so that a limit is one for all replicas. Each try counts before it is
/// judged, so that parallel guesses can't outrun the count; a right one is taken back, and one that was refused does not
/// count. (What costs us something, whoever is right, is counted by <see cref="AttemptLimit"/>.)
/// </summary>
internal sealed class WrongTries(IConnectionMultiplexer redis, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Counts a try.</summary>
    /// <param name="kind">What is guessed.</param>
    /// <param name="who">By whom.</param>
    /// <param name="most">How many wrong ones within a minute there may be.</param>
    internal async Task<CountedTry> CountAsync(string kind, string who, int most)
    {
        var now = time.GetUtcNow();
        var id = RandomId.New();
        var key = $"authserver:wrong-tries:{kind}:{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(who)))}";
        var transaction = redis.GetDatabase().CreateTransaction();
        _ = transaction.SortedSetRemoveRangeByScoreAsync(key, double.NegativeInfinity, (now - Window).ToUnixTimeMilliseconds());
        var oldest = transaction.SortedSetRangeByRankWithScoresAsync(key, 0, 0);
        _ = transaction.SortedSetAddAsync(key, id, now.ToUnixTimeMilliseconds());
        var tries = transaction.SortedSetLengthAsync(key);
        _ = transaction.KeyExpireAsync(key, Window);
        await transaction.ExecuteAsync();
        if (await tries <= most)
        {
            return new CountedTry(key, id, Wait: null);
        }

        var first = await oldest is [var entry] ? DateTimeOffset.FromUnixTimeMilliseconds((long)entry.Score) : now;
        var refused = new CountedTry(key, id, first + Window - now);
        await TakeBackAsync(refused);
        return refused;
    }

    /// <summary>Counts a try no more.</summary>
    internal Task TakeBackAsync(CountedTry counted) => redis.GetDatabase().SortedSetRemoveAsync(counted.Key, counted.Id);
}

/// <summary>A try that was counted.</summary>
/// <param name="Key">Where.</param>
/// <param name="Id">As which.</param>
/// <param name="Wait">Null where it may be judged; else there were too many, and so long it is until one may again.</param>
internal sealed record CountedTry(string Key, string Id, TimeSpan? Wait);
