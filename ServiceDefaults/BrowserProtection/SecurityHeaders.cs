using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace McpAspire.ServiceDefaults.BrowserProtection;

/// <summary>
/// Response headers of all services: a strict Content-Security-Policy (no inline script or style, no third-party
/// origin, no framing), no sniffing, and a referrer for our own origin only.
/// </summary>
public static class SecurityHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        + "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    /// <summary>
    /// Adds the headers to every response. It does so as the response starts: an exception handler clears what was set
    /// before.
    /// </summary>
    /// <param name="app">The pipeline.</param>
    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        context.Response.OnStarting(static state => AddTo(((HttpResponse)state).Headers), context.Response);
        return next(context);
    });

    private static Task AddTo(IHeaderDictionary headers)
    {
        if (headers.ContentSecurityPolicy.Count == 0)
        {
            // A response that is no page may have set a stricter one.
            headers.ContentSecurityPolicy = Policy;
        }

        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return Task.CompletedTask;
    }
}
