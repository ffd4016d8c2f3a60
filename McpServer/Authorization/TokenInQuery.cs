namespace McpAspire.McpServer.Authorization;

/// <summary>
/// No token is taken from a query, and a request that carries one is refused, even if a header is there too
/// (MCP authorization, "Access Token Usage"; RFC 6750 §2 and §5.3): URLs end up in logs and histories.
/// </summary>
internal sealed class TokenInQuery(RequestDelegate next, Refusals refusals)
{
    /// <summary>Lets the request through or refuses it.</summary>
    /// <param name="context">The request.</param>
    public Task InvokeAsync(HttpContext context) => context.Request.Query.ContainsKey("access_token")
        ? refusals.InvalidRequestAsync(context, "Access tokens are taken from the Authorization header only, never from the query.")
        : next(context);
}
