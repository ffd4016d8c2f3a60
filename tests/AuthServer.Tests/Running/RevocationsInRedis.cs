using System.Collections.Concurrent;
using McpAspire.ServiceDefaults.Revocation;
using McpAspire.TestKit;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>Reads revocations in Redis as a resource server does: the set, the mark and the channel.</summary>
internal sealed class RevocationsInRedis : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _redis;

    private RevocationsInRedis(ConnectionMultiplexer redis) => _redis = redis;

    /// <summary>The messages on the channel so far.</summary>
    internal ConcurrentQueue<string> Messages { get; } = new();

    internal static async Task<RevocationsInRedis> ReadAsync(RedisServer server)
    {
        var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString + ",allowAdmin=true,abortConnect=false");
        var revocations = new RevocationsInRedis(redis);
        await redis.GetSubscriber().SubscribeAsync(
            RedisChannel.Literal(RevocationPlaces.Channel), (_, message) => revocations.Messages.Enqueue(message.ToString()));
        return revocations;
    }

    internal async Task<string[]> MembersAsync() =>
        [.. (await _redis.GetDatabase().SortedSetRangeByRankAsync(RevocationPlaces.Entries)).Select(member => member.ToString())];

    internal async Task<DateTimeOffset> ExpiryAsync(string member) =>
        DateTimeOffset.FromUnixTimeSeconds((long)(await _redis.GetDatabase().SortedSetScoreAsync(RevocationPlaces.Entries, member))!.Value);

    internal Task<bool> IsCompleteAsync() => _redis.GetDatabase().KeyExistsAsync(RevocationPlaces.CompleteMark);

    internal Task AddAsync(string member, DateTimeOffset expires) =>
        _redis.GetDatabase().SortedSetAddAsync(RevocationPlaces.Entries, member, expires.ToUnixTimeSeconds());

    internal Task FlushAsync() => _redis.GetServers()[0].FlushAllDatabasesAsync();

    /// <summary>Waits until exactly these entries were told, in the set and on the channel, beside those of before.</summary>
    internal async Task ToldAsync(IEnumerable<string> before, params string[] members)
    {
        var wanted = before.Concat(members).Order(StringComparer.Ordinal).ToArray();
        string[] found = [];
        await Eventually.BeTrueAsync(
            async () =>
            {
                found = await MembersAsync();
                return found.Order(StringComparer.Ordinal).SequenceEqual(wanted)
                    && members.All(member => Messages.Any(message => message.EndsWith(' ' + member)));
            },
            $"told {string.Join(", ", members)}", TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();
}
