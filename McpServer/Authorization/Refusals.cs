using System.Globalization;

namespace McpAspire.McpServer.Authorization;

/// <summary>
/// The answers to requests that are not let in: status, challenge (RFC 6750 §3, RFC 9728 §5.1) and a body that says
/// the same. Each is an audit event.
/// </summary>
internal sealed class Refusals(ResourceIdentity identity, AuditLog audit)
{
    private readonly string _noToken = $"Bearer {Parameters(ScopeNames.McpTools, identity)}";

    /// <summary>401 without an error code: the request had no token (RFC 6750 §3.1).</summary>
    public Task NoTokenAsync(HttpContext context) => WriteAsync(
        context, StatusCodes.Status401Unauthorized, _noToken, "unauthorized",
        $"Send an access token of {identity.Issuer} in the Authorization header: Bearer, then the token.");

    /// <summary>401 <c>invalid_token</c>.</summary>
    public Task InvalidTokenAsync(HttpContext context, string description) =>
        ChallengeAsync(context, StatusCodes.Status401Unauthorized, "invalid_token", description, ScopeNames.McpTools);

    /// <summary>400 <c>invalid_request</c>.</summary>
    public Task InvalidRequestAsync(HttpContext context, string description) =>
        ChallengeAsync(context, StatusCodes.Status400BadRequest, "invalid_request", description, ScopeNames.McpTools);

    /// <summary>
    /// 403 <c>insufficient_scope</c>, with all scopes that the call needs (MCP authorization, "Runtime Insufficient
    /// Scope Errors").
    /// </summary>
    public Task InsufficientScopeAsync(HttpContext context, string call, IReadOnlyList<string> needed)
    {
        var scope = string.Join(' ', needed);
        return ChallengeAsync(context, StatusCodes.Status403Forbidden, "insufficient_scope",
            $"{call} needs an access token with the scope {scope}.", scope);
    }

    /// <summary>503: the token can be neither accepted nor refused now.</summary>
    public Task CannotCheckAsync(HttpContext context, string reason)
    {
        SetRetryAfter(context.Response);
        return WriteAsync(context, StatusCodes.Status503ServiceUnavailable, null, "temporarily_unavailable",
            $"The access token can't be checked now, try again soon. {reason}");
    }

    /// <summary>429: more calls in a minute than one caller may make.</summary>
    public Task TooManyCallsAsync(HttpContext context, TimeSpan retryAfter)
    {
        context.Response.Headers.RetryAfter = Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return WriteAsync(context, StatusCodes.Status429TooManyRequests, null, "too_many_requests", "Too many calls in this minute. Try again later.");
    }

    /// <summary>Names the time after which asking again is worthwhile (RFC 9110 §10.2.3).</summary>
    public static void SetRetryAfter(HttpResponse response) =>
        response.Headers.RetryAfter = AuthorizationServerUnavailableException.RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);

    private Task ChallengeAsync(HttpContext context, int status, string error, string description, string scope) => WriteAsync(
        context, status, $"Bearer error=\"{error}\", error_description=\"{description}\", {Parameters(scope, identity)}", error, description);

    private Task WriteAsync(HttpContext context, int status, string? challenge, string error, string description)
    {
        audit.Refused(context, error, description);
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        if (challenge is not null)
        {
            context.Response.Headers.WWWAuthenticate = challenge;
        }

        return context.Response.WriteAsJsonAsync(new OAuthError(error, description), OAuthErrorJson.Default.OAuthError, cancellationToken: context.RequestAborted);
    }

    private static string Parameters(string scope, ResourceIdentity identity) =>
        $"scope=\"{scope}\", resource_metadata=\"{identity.MetadataUrl}\"";
}
