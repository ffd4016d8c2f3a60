using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace McpAspire.ServiceDefaults.BrowserProtection;

/// <summary>
/// The Origin rule: a request that names an Origin which is neither our own nor listed under <c>AllowedOrigins</c>
/// is refused with 403 (MCP transports, "Security Warning": servers MUST validate the Origin header; for cookie
/// endpoints it stops cross-site requests before antiforgery has to).
/// </summary>
public sealed partial class OriginCheck(RequestDelegate next, PublicUrl publicUrl, IConfiguration configuration, ILogger<OriginCheck> logger)
{
    private readonly HashSet<string> _allowed =
        new([publicUrl.Origin, .. configuration.GetSection("AllowedOrigins").Get<string[]>() ?? []], StringComparer.OrdinalIgnoreCase);

    /// <summary>Lets the request through or refuses it.</summary>
    /// <param name="context">The request.</param>
    public Task InvokeAsync(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length == 0 || _allowed.Contains(origin))
        {
            return next(context);
        }

        ForeignOrigin(context.Request.Method, context.Request.Path);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("Requests from this Origin are not allowed here. Add it to 'AllowedOrigins' if it should be.");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} refused: its Origin is neither our own nor configured")]
    private partial void ForeignOrigin(string method, PathString path);
}

/// <summary>Puts <see cref="OriginCheck"/> in front of the requests it is for.</summary>
public static class OriginCheckExtensions
{
    /// <summary>Checks the Origin of the requests that <paramref name="applies"/> picks.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="applies">Says which requests are checked: those of MCP, and those that a cookie authenticates and that change something.</param>
    public static IApplicationBuilder UseOriginCheck(this IApplicationBuilder app, Func<HttpContext, bool> applies) =>
        app.UseWhen(applies, branch => branch.UseMiddleware<OriginCheck>());
}
