using McpAspire.ServiceDefaults;
using McpAspire.ServiceDefaults.Revocation;
using StackExchange.Redis;

namespace McpAspire.McpServer.Revocation;

/// <summary>
/// Feeds the mirror: the channel tells each revocation at once, and a read of everything every few seconds catches what
/// the channel lost. Redis may be away, frozen or empty at any time: calls never wait for it.
/// </summary>
internal sealed partial class RevocationFeed(
    RevocationMirror mirror, IServiceProvider services, TimeProvider time, ILogger<RevocationFeed> logger) : BackgroundService
{
    /// <summary>How often everything is read.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>How soon a read that failed, or that did not see the mark, is tried again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private bool? _wasFresh;
    private int _malformed;
    private bool _subscribed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Connecting may take a while, and it is no reason for the service to start later.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            var fault = await TryCatchUpAsync();
            mirror.Sweep();
            TellFreshness(fault);
            await Task.Delay(fault is null ? Interval : RetryAfter, time, stoppingToken);
        }
    }

    /// <summary>Reads everything; returns what is wrong, or null.</summary>
    private async Task<string?> TryCatchUpAsync()
    {
        try
        {
            var redis = services.GetRequiredService<IConnectionMultiplexer>();
            await SubscribeAsync(redis);
            return await CatchUpAsync(redis.GetDatabase());
        }
        catch (Exception exception) when (exception is RedisException or RedisTimeoutException or TimeoutException or ObjectDisposedException)
        {
            return $"Redis can't be read: {exception.GetType().Name}";
        }
    }

    private async Task SubscribeAsync(IConnectionMultiplexer redis)
    {
        if (!_subscribed)
        {
            await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal(RevocationPlaces.Channel), (_, message) => Told(message));
            // From here on the client subscribes again by itself whenever it reconnects.
            _subscribed = true;
        }
    }

    private async Task<string?> CatchUpAsync(IDatabase database)
    {
        var began = time.GetTimestamp();
        var from = (time.GetUtcNow() - ClockSkew.Allowed).ToUnixTimeSeconds();

        // In one transaction: between two commands Redis could lose everything, and the mark would stand for nothing.
        var transaction = database.CreateTransaction();
        var mark = transaction.KeyExistsAsync(RevocationPlaces.CompleteMark);
        var members = transaction.SortedSetRangeByScoreWithScoresAsync(RevocationPlaces.Entries, from, take: RevocationMirror.Capacity + 1);
        await transaction.ExecuteAsync();

        if (!mirror.Add(Parse(await members)))
        {
            return $"There are more than {RevocationMirror.Capacity} revocations";
        }

        if (!await mark)
        {
            return $"The mark {RevocationPlaces.CompleteMark} is missing: the authorization server has not written all revocations yet";
        }

        mirror.SetComplete(began);
        return null;
    }

    private void Told(RedisValue message)
    {
        if (RevocationEntry.TryParseMessage(message.ToString(), out var entry))
        {
            mirror.Add([entry]);
        }
        else
        {
            TellMalformed();
        }
    }

    private IEnumerable<RevocationEntry> Parse(SortedSetEntry[] members)
    {
        foreach (var member in members)
        {
            if (RevocationEntry.TryParseMember(member.Element.ToString(), (long)member.Score, out var entry))
            {
                yield return entry;
            }
            else
            {
                TellMalformed();
            }
        }
    }

    private void TellMalformed()
    {
        if (Interlocked.Exchange(ref _malformed, 1) == 0)
        {
            Malformed();
        }
    }

    private void TellFreshness(string? fault)
    {
        var fresh = mirror.IsFresh;
        if (fresh != _wasFresh)
        {
            _wasFresh = fresh;
            if (fresh)
            {
                Fresh(mirror.Count);
            }
            else
            {
                Stale(fault ?? "The clock went on without a read");
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Revocations are known and kept up to date; {Count} matter now")]
    private partial void Fresh(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Revocations are not known: access tokens that are otherwise good get 503 until they are. {Reason}")]
    private partial void Stale(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A revocation entry that can't be read was ignored, as all such will be. Does a newer authorization server write them?")]
    private partial void Malformed();
}
