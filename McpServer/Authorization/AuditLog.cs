namespace McpAspire.McpServer.Authorization;

/// <summary>
/// The audit trail: one event for each refusal and each tool call, with who, which client, what and the decision.
/// The trace id comes with the log record. Who sent a token that is not valid is not known, so it is not said.
/// </summary>
internal sealed partial class AuditLog(ILoggerFactory loggers)
{
    /// <summary>The log category of audit events.</summary>
    public const string Category = "McpAspire.Audit";

    private readonly ILogger _logger = loggers.CreateLogger(Category);

    /// <summary>A request was refused before it reached a tool.</summary>
    public void Refused(HttpContext context, string error, string reason)
    {
        var caller = context.Features.Get<CurrentCaller>();
        RequestRefused(caller?.Subject ?? "-", caller?.ClientId ?? "-", context.Request.Method, context.Request.Path, error, reason);
    }

    /// <summary>A tool call was refused by the tool's own rules.</summary>
    public void ToolRefused(CurrentCaller caller, string tool, string reason) => CallRefused(caller.Subject, caller.ClientId, tool, reason);

    /// <summary>A tool was called.</summary>
    public void ToolCalled(CurrentCaller caller, string tool, string outcome) => Called(caller.Subject, caller.ClientId, tool, outcome);

    [LoggerMessage(EventId = 1, EventName = "RequestRefused", Level = LogLevel.Information,
        Message = "Refused: subject {Subject}, client {Client}, {Method} {Path}: {Error}: {Reason}")]
    private partial void RequestRefused(string subject, string client, string method, PathString path, string error, string reason);

    [LoggerMessage(EventId = 2, EventName = "CallRefused", Level = LogLevel.Information,
        Message = "Refused: subject {Subject}, client {Client}, tool {Tool}: {Reason}")]
    private partial void CallRefused(string subject, string client, string tool, string reason);

    [LoggerMessage(EventId = 3, EventName = "ToolCalled", Level = LogLevel.Information,
        Message = "Allowed: subject {Subject}, client {Client}, tool {Tool}: {Outcome}")]
    private partial void Called(string subject, string client, string tool, string outcome);
}
