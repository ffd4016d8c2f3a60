using System.Globalization;
using Microsoft.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Limits;

/// <summary>How it is said that there were too many: status 429 with Retry-After, whatever OpenIddict's answer would be.</summary>
internal static class TooManyRequests
{
    internal static void Reject(BaseValidatingContext context, TimeSpan wait, string why)
    {
        context.Reject(Errors.TemporarilyUnavailable, why);
        var response = context.Transaction.GetHttpRequest()!.HttpContext.Response;
        response.OnStarting(() =>
        {
            response.StatusCode = StatusCodes.Status429TooManyRequests;
            SayWhen(response, wait);
            return Task.CompletedTask;
        });
    }

    /// <summary>Writes Retry-After, in whole seconds.</summary>
    internal static void SayWhen(HttpResponse response, TimeSpan wait) =>
        response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
