using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Clients.Assertions;

/// <summary>Remembers in Redis, for all processes, which assertions were used (RFC 7523 §3): each is good once.</summary>
internal sealed class UsedAssertions(IConnectionMultiplexer redis)
{
    /// <summary>The longest <c>jti</c> that is taken.</summary>
    internal const int LongestId = 256;

    /// <param name="issuer">Who made it; ids of different issuers do not meet.</param>
    /// <param name="id">Its <c>jti</c>.</param>
    /// <param name="lifetime">How long it could still be used.</param>
    /// <returns>False where it was used before.</returns>
    internal Task<bool> TryUseAsync(string issuer, string id, TimeSpan lifetime)
    {
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer}\n{id}")));
        return redis.GetDatabase().StringSetAsync($"authserver:jti:{digest}", 1, lifetime, when: When.NotExists);
    }
}
