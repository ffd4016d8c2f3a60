using McpAspire.AuthServer.Discovery;
using McpAspire.AuthServer.Pages;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Availability;

/// <summary>
/// The answer while something that it needs is away: 503 with <c>Retry-After</c>, to programs as an OAuth error in JSON
/// (<c>temporarily_unavailable</c>, RFC 6749 §4.1.2.1), to people as a page.
/// </summary>
internal static class Unavailable
{
    private const string RetryAfterSeconds = "5";

    /// <param name="context">A request whose answer has not begun.</param>
    /// <param name="description">What programs are told.</param>
    internal static Task AnswerAsync(HttpContext context, string description)
    {
        // What was done of the answer before it failed, such as a cookie, is not true.
        context.Response.Clear();
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        context.Response.Headers.CacheControl = "no-store";
        return Endpoints.AnswersInJson(context.Request.Path)
            ? context.Response.WriteAsJsonAsync(new { error = Errors.TemporarilyUnavailable, error_description = description }, context.RequestAborted)
            : PageResult.Unavailable(context).ExecuteAsync(context);
    }
}
