using StackExchange.Redis;

namespace McpAspire.AuthServer.Availability;

/// <summary>That Redis is away. A background service asks it each second.</summary>
internal sealed partial class RedisOutage(ILogger<RedisOutage> logger) : Outage
{
    /// <summary>True where a failure came from Redis, away or not.</summary>
    internal static bool IsCauseOf(Exception? exception) =>
        exception is not null && (exception is RedisException or RedisTimeoutException || IsCauseOf(exception.InnerException));

    /// <summary>What its server answers is a fault of another kind, which the log tells each time.</summary>
    protected override bool IsAbsence(Exception exception) => exception is RedisConnectionException or RedisTimeoutException
        || (exception.InnerException is { } inner && IsAbsence(inner));

    protected override void SayAway(string reason) => Away(reason);

    protected override void SayBack(double seconds) => Back(seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Redis is away: {Reason}. What needs it answers 503 until it is back, which will be said here")]
    private partial void Away(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis is back, after {Seconds:0} s")]
    private partial void Back(double seconds);
}
