using McpAspire.AuthServer.Storage;

namespace McpAspire.AuthServer.Availability;

/// <summary>
/// What fails since the database is away answers 503. It is not asked beforehand, as Redis is: each request reads
/// it anyway, and what was begun there is rolled back. Metadata and keys need no database.
/// </summary>
internal sealed partial class DatabaseGate(RequestDelegate next, ILogger<DatabaseGate> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (DatabaseAbsence.IsCauseOf(exception) && !context.Response.HasStarted)
        {
            Away(context.Request.Path, exception.GetBaseException().Message);
            await Unavailable.AnswerAsync(context, "The database is away. Try again in a few seconds.");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} answered 503, since the database is away: {Reason}")]
    private partial void Away(PathString path, string reason);
}
