using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpAspire.ServiceDefaults.Telemetry;

/// <summary>
/// The request log of all services: method, path, status, duration. Never a query string, since those of callbacks,
/// authorize and end-session requests carry codes and states.
/// </summary>
public sealed partial class RequestLog(RequestDelegate next, ILogger<RequestLog> logger)
{
    private static readonly object Explained = new();

    /// <summary>
    /// Says that the log tells already why this request fails, once for many requests: its own line is then at the level of those
    /// that succeed.
    /// </summary>
    /// <param name="context">The request.</param>
    public static void SetExplained(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Items[Explained] = true;
    }

    /// <summary>Runs the request and writes its line.</summary>
    /// <param name="context">The request.</param>
    public async Task InvokeAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var level = context.Response.StatusCode >= 500 && !context.Items.ContainsKey(Explained) ? LogLevel.Warning : LogLevel.Debug;
            Handled(level, context.Request.Method, context.Request.Path, context.Response.StatusCode,
                Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    /// <summary>Turns off the framework's own request lines, which hold query strings, whatever configuration says.</summary>
    /// <param name="options">The filters.</param>
    internal static void ReplaceFrameworkRequestLog(LoggerFilterOptions options) =>
        options.CapCategory("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);

    [LoggerMessage(EventId = 1, Message = "{Method} {Path} {StatusCode} {Elapsed:0.0} ms")]
    private partial void Handled(LogLevel level, string method, PathString path, int statusCode, double elapsed);
}

/// <summary>Puts <see cref="RequestLog"/> into the pipeline.</summary>
public static class RequestLogExtensions
{
    /// <summary>Logs every request without its query string.</summary>
    /// <param name="app">The pipeline.</param>
    public static IApplicationBuilder UseRequestLog(this IApplicationBuilder app) => app.UseMiddleware<RequestLog>();
}
