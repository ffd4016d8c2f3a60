using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Storage.Outages;
using McpAspire.ServiceDefaults.Telemetry;

namespace McpAspire.AuthServer.Availability;

/// <summary>
/// What fails since the database is away answers 503. It is not asked beforehand, as Redis is: each request reads
/// it anyway, and what was begun there is rolled back. Metadata and keys need no database. The log has no line for each of
/// them (<see cref="DatabaseOutage"/>).
/// </summary>
internal sealed partial class DatabaseGate(RequestDelegate next, DatabaseOutage outage, ILogger<DatabaseGate> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (DatabaseAbsence.IsCauseOf(exception) && !context.Response.HasStarted)
        {
            Away(outage.Explains(exception) ? LogLevel.Debug : LogLevel.Warning, context.Request.Path, exception.GetBaseException().Message);
            await Unavailable.AnswerAsync(context, "The database is away. Try again in a few seconds.");
        }

        if (outage.IsUnderWay && context.Response.StatusCode == StatusCodes.Status503ServiceUnavailable)
        {
            RequestLog.SetExplained(context);
        }
    }

    [LoggerMessage(Message = "{Path} answered 503, since the database is away: {Reason}")]
    private partial void Away(LogLevel level, PathString path, string reason);
}
