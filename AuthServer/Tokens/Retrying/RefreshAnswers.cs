using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using McpAspire.AuthServer.Tokens.Redemption;
using McpAspire.ServiceDefaults.KeyRing;
using OpenIddict.Abstractions;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Tokens.Retrying;

/// <summary>What a refresh was answered, and whom: who asks the same again gets it again.</summary>
/// <param name="ClientId">The client.</param>
/// <param name="Scope">The scopes of the new access token. Its resource is the grant's: no refresh can name another.</param>
/// <param name="Response">The answer.</param>
internal sealed record RefreshAnswer(string ClientId, string Scope, OpenIddictResponse Response);

/// <summary>
/// The answers to refreshes of the last 10 seconds, in Redis for all processes: under the hash of the old refresh token,
/// and encrypted, so that whoever reads Redis finds no token.
/// </summary>
internal sealed partial class RefreshAnswers(IConnectionMultiplexer redis, WrappingKey wrapping, ILogger<RefreshAnswers> logger)
{
    /// <summary>How long a request waits for the answer that another one, perhaps of another process, is about to keep.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // What was asked for waits: it is redeemed already.
    private static readonly TimeSpan KeepPatience = TimeSpan.FromSeconds(1);

    /// <summary>Keeps an answer. Where Redis fails just now it is lost to a retry, but not to the client that waits for it.</summary>
    internal async Task KeepAsync(string refreshToken, RefreshAnswer answer)
    {
        var key = Key(refreshToken);
        try
        {
            await redis.GetDatabase().StringSetAsync(key, wrapping.Wrap(JsonSerializer.SerializeToUtf8Bytes(answer), key), ReplayedTokens.Leeway)
                .WaitAsync(KeepPatience);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            NotKept(exception.Message);
        }
    }

    /// <summary>The answer that was given for a refresh token, waited for where it is still on its way; null where there is none.</summary>
    internal async Task<RefreshAnswer?> FindAsync(string refreshToken, CancellationToken cancellationToken)
    {
        var key = Key(refreshToken);
        // Real time: it paces the look for what another request does in real time.
        for (var began = TimeProvider.System.GetTimestamp(); ;)
        {
            if ((byte[]?)await redis.GetDatabase().StringGetAsync(key) is { } kept)
            {
                return JsonSerializer.Deserialize<RefreshAnswer>(wrapping.Unwrap(kept, key));
            }

            if (TimeProvider.System.GetElapsedTime(began) >= Patience)
            {
                return null;
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    private static string Key(string refreshToken) =>
        "authserver:refresh-answer:" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(refreshToken)));

    [LoggerMessage(Level = LogLevel.Warning, Message = "The answer to a refresh was given, but can't be given again, since Redis is away: {Reason}")]
    private partial void NotKept(string reason);
}
