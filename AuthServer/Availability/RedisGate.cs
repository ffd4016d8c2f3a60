using McpAspire.ServiceDefaults.Telemetry;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Availability;

/// <summary>
/// Pages and token requests need Redis (cookie keys, assertions used once). While it is away they answer 503 before
/// anything is redeemed or shown; metadata, keys, health and what is marked with <see cref="WorksWithoutRedis"/> go on.
/// The log has no line for each of them (<see cref="RedisOutage"/>).
/// </summary>
internal sealed partial class RedisGate(RequestDelegate next, IConnectionMultiplexer redis, RedisOutage outage, ILogger<RedisGate> logger)
{
    /// <summary>For so long an answer of Redis is good for other requests too. A connection that breaks is noticed at once.</summary>
    private static readonly TimeSpan AnswerIsGood = TimeSpan.FromMilliseconds(100);

    // Real time: it is about a real server.
    private long _answeredAt = TimeProvider.System.GetTimestamp() - TimeProvider.System.TimestampFrequency;

    public async Task InvokeAsync(HttpContext context)
    {
        await PassAsync(context);
        if (outage.IsUnderWay && context.Response.StatusCode == StatusCodes.Status503ServiceUnavailable)
        {
            RequestLog.SetExplained(context);
        }
    }

    private async Task PassAsync(HttpContext context)
    {
        if (IsIndependent(context.Request.Path) || WorksWithoutRedis.IsSetFor(context))
        {
            await next(context);
            return;
        }

        try
        {
            await AskAsync();
        }
        catch (Exception exception) when (RedisOutage.IsCauseOf(exception))
        {
            await UnavailableAsync(context, exception);
            return;
        }

        try
        {
            await next(context);
        }
        catch (Exception exception) when (RedisOutage.IsCauseOf(exception) && !context.Response.HasStarted)
        {
            await UnavailableAsync(context, exception);
        }
    }

    /// <exception cref="RedisException">It is away.</exception>
    /// <exception cref="RedisTimeoutException">It does not answer.</exception>
    private async Task AskAsync()
    {
        var now = TimeProvider.System.GetTimestamp();
        if (!redis.IsConnected || TimeProvider.System.GetElapsedTime(Interlocked.Read(ref _answeredAt), now) >= AnswerIsGood)
        {
            await redis.GetDatabase().PingAsync();
            Interlocked.Exchange(ref _answeredAt, now);
            outage.Answered();
        }
    }

    private static bool IsIndependent(PathString path) =>
        path.StartsWithSegments("/.well-known", StringComparison.Ordinal) || path.StartsWithSegments("/health", StringComparison.Ordinal)
        || path.StartsWithSegments("/alive", StringComparison.Ordinal) || path.StartsWithSegments("/css", StringComparison.Ordinal)
        || path.StartsWithSegments("/js", StringComparison.Ordinal);

    private Task UnavailableAsync(HttpContext context, Exception exception)
    {
        Away(outage.Explains(exception) ? LogLevel.Debug : LogLevel.Warning, context.Request.Path, exception.Message);
        return Unavailable.AnswerAsync(context, "The session store is away. Nothing was redeemed; try again in a few seconds.");
    }

    [LoggerMessage(Message = "{Path} answered 503, since Redis failed: {Reason}")]
    private partial void Away(LogLevel level, PathString path, string reason);
}
