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

    /// <summary>Adds the headers to every response.</summary>
    /// <param name="app">The pipeline.</param>
    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return next(context);
    });

    /// <summary>
    /// Lets a form of this response end at one more place. Chromium applies <c>form-action</c> to the whole redirect
    /// chain, so a page whose answer redirects to a client needs that client's origin or scheme.
    /// </summary>
    /// <param name="response">The response that shows the form.</param>
    /// <param name="source">An origin (<c>https://host:port</c>) or a scheme with its colon, already validated.</param>
    public static void AllowFormAction(this HttpResponse response, string source) =>
        response.Headers.ContentSecurityPolicy = Policy.Replace(
            "form-action 'self'", $"form-action 'self' {source}", StringComparison.Ordinal);
}
