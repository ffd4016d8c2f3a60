using System.Security.Cryptography;
using System.Text;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.ServiceDefaults;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Federation.LoggingOut;

/// <summary>
/// Remembers which logout tokens were used, in Redis. A replay would end nothing that is newer than the token, so while
/// Redis is away the ending goes on without this.
/// </summary>
internal sealed partial class UsedLogoutTokens(IConnectionMultiplexer redis, TimeProvider time, ILogger<UsedLogoutTokens> logger)
{
    /// <summary>The provider waits for our answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <returns>True where it was used before; false also where that can't be told.</returns>
    internal async Task<bool> ContainsAsync(Provider provider, UpstreamLogout logout)
    {
        var contained = false;
        await TryAsync(provider, async store => contained = await store.KeyExistsAsync(Key(provider, logout)));
        return contained;
    }

    internal Task AddAsync(Provider provider, UpstreamLogout logout) =>
        TryAsync(provider, store => store.StringSetAsync(
            Key(provider, logout), 1, logout.ExpiresAt - time.GetUtcNow() + ClockSkew.Allowed + ClockSkew.Allowed));

    private async Task TryAsync(Provider provider, Func<IDatabase, Task> act)
    {
        if (!redis.IsConnected)
        {
            NotLookedUp(provider.Key, "it is not connected");
            return;
        }

        try
        {
            await act(redis.GetDatabase()).WaitAsync(Patience);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            NotLookedUp(provider.Key, exception.Message);
        }
    }

    private static string Key(Provider provider, UpstreamLogout logout) =>
        "authserver:upstream-logout:" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{provider.Issuer}\n{logout.TokenId}")));

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Whether a logout token of the provider '{Provider}' was used before is not known, since Redis is away; what it names is ended all the same: {Reason}")]
    private partial void NotLookedUp(string provider, string reason);
}
