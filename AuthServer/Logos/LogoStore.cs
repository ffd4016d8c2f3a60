using System.Security.Cryptography;
using McpAspire.AuthServer.Clients.Documents;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Logos;

/// <summary>Keeps logos in Redis, by the digest of their content, for as long as the document that names them is fresh.</summary>
internal sealed class LogoStore(IConnectionMultiplexer redis, DocumentOptions options, TimeProvider time)
{
    private const string Prefix = "authserver:logo:";
    private const string Index = "authserver:logos";

    /// <summary>The digest of the logo, under which it is served; null where there is no room for it.</summary>
    internal async Task<string?> KeepAsync(ReadOnlyMemory<byte> content, DateTimeOffset until)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        var database = redis.GetDatabase();
        await database.SortedSetRemoveRangeByScoreAsync(Index, double.NegativeInfinity, time.GetUtcNow().ToUnixTimeSeconds());
        if (await database.SortedSetLengthAsync(Index) >= options.MostLogos && await database.SortedSetScoreAsync(Index, digest) is null)
        {
            return null;
        }

        await database.SortedSetAddAsync(Index, digest, until.ToUnixTimeSeconds(), SortedSetWhen.GreaterThan);
        await database.StringSetAsync(Prefix + digest, content, Longer(until, await database.KeyTimeToLiveAsync(Prefix + digest)));
        return digest;
    }

    internal async Task<byte[]?> FindAsync(string digest) => await redis.GetDatabase().StringGetAsync(Prefix + digest);

    /// <summary>Prolongs the life of a logo that is there; false where it is gone.</summary>
    internal async Task<bool> ProlongAsync(string digest, DateTimeOffset until)
    {
        var database = redis.GetDatabase();
        await database.SortedSetAddAsync(Index, digest, until.ToUnixTimeSeconds(), SortedSetWhen.GreaterThan);
        return await database.KeyExpireAsync(Prefix + digest, Longer(until, await database.KeyTimeToLiveAsync(Prefix + digest)));
    }

    /// <summary>Two clients may have the same logo: it lives as long as the longer one needs it.</summary>
    private TimeSpan Longer(DateTimeOffset until, TimeSpan? living) => until - time.GetUtcNow() is var wanted && living > wanted ? living.Value : wanted;
}
