using McpAspire.ServiceDefaults.Health;
using Microsoft.AspNetCore.Http;

namespace McpAspire.ServiceDefaults.PublicUrls;

/// <summary>
/// The inbound Host rule: a page reached by GET under another loopback name is redirected to the public URL, and
/// every other unknown Host is refused with 400. Health probes, which come by address, are let through, and so is what
/// <see cref="BackChannelHosts"/> accepts.
/// </summary>
public sealed class PublicHost(RequestDelegate next, PublicUrl publicUrl, BackChannelHosts backChannel)
{
    // As browsers send it: without the port where that is the scheme's own.
    private readonly string _host = publicUrl.Uri.Authority;

    /// <summary>Lets the request through, redirects it or refuses it.</summary>
    /// <param name="context">The request.</param>
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (string.Equals(request.Host.Value, _host, StringComparison.OrdinalIgnoreCase) || IsProbe(request.Path) || backChannel.Accept(request))
        {
            return next(context);
        }

        if (publicUrl.IsLoopback && PublicUrl.IsLoopbackName(request.Host.Host) && IsPage(request))
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = publicUrl.Origin + request.PathBase + request.Path + request.QueryString;
            return Task.CompletedTask;
        }

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsync($"This service answers at {publicUrl.Value} only; the Host header names another host.");
    }

    private static bool IsProbe(PathString path) => path == HealthExtensions.ReadyPath || path == HealthExtensions.AlivePath;

    private static bool IsPage(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
