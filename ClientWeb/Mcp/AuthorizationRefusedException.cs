using System.Net;
using McpAspire.ClientWeb.Connections.Discovery;

namespace McpAspire.ClientWeb.Mcp;

/// <summary>The MCP server refused the token (401) or what it allows (403), as its challenge says (RFC 6750 §3.1).</summary>
internal sealed class AuthorizationRefusedException(HttpStatusCode status, WwwAuthenticateChallenge? challenge)
    : Exception($"The MCP server refused with {(int)status}.")
{
    public HttpStatusCode Status { get; } = status;

    /// <summary>The scopes that the call needs, where the challenge names them.</summary>
    public string? NeededScope { get; } = challenge?["scope"];

    /// <summary>True where a token with more scopes would be let through (MCP authorization, "Runtime Insufficient Scope Errors").</summary>
    public bool IsInsufficientScope { get; } = status == HttpStatusCode.Forbidden && challenge?["error"] == "insufficient_scope";

    /// <summary>What the server says about it.</summary>
    public string? Description { get; } = challenge?["error_description"];
}
