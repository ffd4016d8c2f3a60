using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.ServiceDefaults.BrowserProtection;

/// <summary>
/// Response headers of all services: a strict Content-Security-Policy (no inline script or style, no third-party
/// origin, no framing), no sniffing, a referrer for our own origin only, and https for a year (HSTS, RFC 6797 §6.1).
/// </summary>
public static class SecurityHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        + "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    // A year. Neither other hosts below ours nor a list in browsers: those are the operator's to decide.
    private const string HttpsOnly = "max-age=31536000";

    /// <summary>
    /// Adds the headers to every response. It does so as the response starts: an exception handler clears what was set
    /// before. That browsers keep to https is said where the public URL is https: what comes to us over http comes from a
    /// proxy in front. It is never said of loopback, whose other ports may be http.
    /// </summary>
    /// <param name="app">The pipeline.</param>
    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app)
    {
        var url = app.ApplicationServices.GetRequiredService<PublicUrl>();
        var isHttpsOnly = url.Uri.Scheme == Uri.UriSchemeHttps && !url.IsLoopback;
        Func<object, Task> add = response => AddTo(((HttpResponse)response).Headers, isHttpsOnly);
        return app.Use((context, next) =>
        {
            context.Response.OnStarting(add, context.Response);
            return next(context);
        });
    }

    private static Task AddTo(IHeaderDictionary headers, bool isHttpsOnly)
    {
        if (isHttpsOnly)
        {
            headers.StrictTransportSecurity = HttpsOnly;
        }

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
