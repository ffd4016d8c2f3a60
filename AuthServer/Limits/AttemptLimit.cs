using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Limits;

/// <summary>Counts attempts a minute, in Redis, so that a limit is one for all replicas.</summary>
internal sealed class AttemptLimit(IConnectionMultiplexer redis, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Counts one attempt.</summary>
    /// <param name="kind">What is attempted.</param>
    /// <param name="who">By whom, or at what.</param>
    /// <param name="most">How many a minute may be.</param>
    /// <returns>Null where it may be made; else how long until the next may.</returns>
    internal async Task<TimeSpan?> TryAsync(string kind, string who, int most)
    {
        var now = time.GetUtcNow();
        var window = now.UtcTicks / Window.Ticks;
        var key = $"authserver:attempts:{kind}:{window}:{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(who)))}";
        var transaction = redis.GetDatabase().CreateTransaction();
        var count = transaction.StringIncrementAsync(key);
        _ = transaction.KeyExpireAsync(key, Window + Window);
        await transaction.ExecuteAsync();
        return await count <= most ? null : TimeSpan.FromTicks(((window + 1) * Window.Ticks) - now.UtcTicks);
    }
}
