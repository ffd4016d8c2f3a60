using System.Security.Cryptography;
using System.Text;
using McpAspire.ServiceDefaults;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.McpServer.Authorization;

/// <summary>What was found when a token was validated.</summary>
/// <param name="Result">The result.</param>
/// <param name="Key">The key that proved it.</param>
/// <param name="ValidTo">The token's <c>exp</c>, UTC.</param>
internal sealed record ValidatedToken(TokenValidationResult Result, SecurityKey Key, DateTime ValidTo);

/// <summary>
/// Remembers good tokens, since a client sends the same one with every call and a signature costs more to check than
/// the rest of the call. A remembered token still expires on time, and falls with its key.
/// Kept by hash: the memory of this process holds no token longer than its request.
/// </summary>
internal sealed class ValidatedTokens(TimeProvider time) : IDisposable
{
    /// <summary>How many are remembered.</summary>
    public const int Capacity = 10_000;

    private readonly MemoryCache _tokens = new(new MemoryCacheOptions { SizeLimit = Capacity });

    /// <summary>A token that was found good, and that is still within its lifetime.</summary>
    /// <param name="token">The token.</param>
    public ValidatedToken? Find(string token) =>
        _tokens.TryGetValue(KeyOf(token), out ValidatedToken? known) && known!.ValidTo >= time.GetUtcNow().UtcDateTime - ClockSkew.Allowed
            ? known
            : null;

    /// <summary>Remembers a good token until it expires.</summary>
    /// <param name="token">The token.</param>
    /// <param name="validated">What was found.</param>
    public void Add(string token, ValidatedToken validated)
    {
        using var entry = _tokens.CreateEntry(KeyOf(token));
        entry.Value = validated;
        entry.Size = 1;
        entry.AbsoluteExpiration = validated.ValidTo + ClockSkew.Allowed;
    }

    /// <inheritdoc />
    public void Dispose() => _tokens.Dispose();

    private static Hash KeyOf(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
        return new Hash(
            BitConverter.ToInt64(hash), BitConverter.ToInt64(hash[8..]), BitConverter.ToInt64(hash[16..]), BitConverter.ToInt64(hash[24..]));
    }

    private readonly record struct Hash(long A, long B, long C, long D);
}
