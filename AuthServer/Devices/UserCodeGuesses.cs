using System.Globalization;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Devices;

/// <summary>
/// Counts the wrong user codes of a session: after so many in a minute none is looked at until the next (RFC 8628 §5.1). Each try
/// counts before the code is looked at, so that parallel guesses can't outrun the count, and a right one is taken back.
/// </summary>
internal sealed class UserCodeGuesses(IConnectionMultiplexer redis, DeviceOptions options, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(2);

    /// <summary>Counts a try.</summary>
    /// <returns>Where it counted, for <see cref="WasRightAsync"/>; null where the session had too many.</returns>
    internal async Task<string?> MayTryAsync(string sid)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"authserver:device-guesses:{sid}:{time.GetUtcNow().ToUnixTimeSeconds() / 60}");
        var transaction = redis.GetDatabase().CreateTransaction();
        var tries = transaction.StringIncrementAsync(key);
        _ = transaction.KeyExpireAsync(key, Kept);
        await transaction.ExecuteAsync();
        return await tries <= options.WrongCodesPerMinute ? key : null;
    }

    /// <summary>Takes a try back where it counted, though the minute may be another by now.</summary>
    /// <param name="counted">What <see cref="MayTryAsync"/> returned.</param>
    internal Task WasRightAsync(string counted) => redis.GetDatabase().StringDecrementAsync(counted);
}
