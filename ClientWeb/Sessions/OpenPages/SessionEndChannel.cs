using StackExchange.Redis;

namespace McpAspire.ClientWeb.Sessions.OpenPages;

/// <summary>
/// Tells all replicas that a session has ended, through a Redis channel. What is lost there loses nothing: the next
/// call of a page finds out by itself.
/// </summary>
internal sealed class SessionEndChannel(IConnectionMultiplexer redis)
{
    private const char Separator = ' ';

    private static readonly RedisChannel Channel = RedisChannel.Literal("clientweb:session-ended");

    /// <summary>Tells it.</summary>
    /// <param name="hash">The session.</param>
    /// <param name="page">The page that ended it, if one did: it knows already.</param>
    public Task TellAsync(string hash, string? page = null) =>
        redis.GetSubscriber().PublishAsync(Channel, page is null ? hash : $"{hash}{Separator}{page}");

    /// <summary>Listens, also where Redis is away now, and again whenever it comes back.</summary>
    /// <param name="heard">Called with the session and the page that ended it.</param>
    public void Listen(Action<string, string?> heard) => redis.GetSubscriber().Subscribe(
        Channel,
        (_, message) =>
        {
            var parts = message.ToString().Split(Separator, 2);
            heard(parts[0], parts.ElementAtOrDefault(1));
        },
        CommandFlags.FireAndForget);
}
