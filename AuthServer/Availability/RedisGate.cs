using StackExchange.Redis;

namespace McpAspire.AuthServer.Availability;

/// <summary>
/// Pages and token requests need Redis (cookie keys, assertions used once). While it is away they answer 503 before
/// anything is redeemed or shown; metadata, keys, health and what is marked with <see cref="WorksWithoutRedis"/> go on.
/// </summary>
internal sealed partial class RedisGate(RequestDelegate next, IConnectionMultiplexer redis, ILogger<RedisGate> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (IsIndependent(context.Request.Path) || WorksWithoutRedis.IsSetFor(context))
        {
            await next(context);
            return;
        }

        try
        {
            await redis.GetDatabase().PingAsync();
        }
        catch (RedisException exception)
        {
            await UnavailableAsync(context, exception);
            return;
        }
        catch (RedisTimeoutException exception)
        {
            await UnavailableAsync(context, exception);
            return;
        }

        try
        {
            await next(context);
        }
        catch (Exception exception) when (IsRedis(exception) && !context.Response.HasStarted)
        {
            await UnavailableAsync(context, exception);
        }
    }

    private static bool IsIndependent(PathString path) =>
        path.StartsWithSegments("/.well-known", StringComparison.Ordinal) || path.StartsWithSegments("/health", StringComparison.Ordinal)
        || path.StartsWithSegments("/alive", StringComparison.Ordinal) || path.StartsWithSegments("/css", StringComparison.Ordinal)
        || path.StartsWithSegments("/js", StringComparison.Ordinal);

    private static bool IsRedis(Exception? exception) =>
        exception is not null && (exception is RedisException or RedisTimeoutException || IsRedis(exception.InnerException));

    private Task UnavailableAsync(HttpContext context, Exception exception)
    {
        Away(context.Request.Path, exception.Message);
        return Unavailable.AnswerAsync(context, "The session store is away. Nothing was redeemed; try again in a few seconds.");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} answered 503, since Redis is away: {Reason}")]
    private partial void Away(PathString path, string reason);
}
