namespace McpAspire.McpServer.Authorization;

/// <summary>
/// Declares, beside a tool, the scopes that a call of it needs besides <c>mcp:tools</c>. On a class it holds for all
/// tools in it.
/// </summary>
/// <param name="scopes">The scopes; the token must name each of them.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
internal sealed class RequiresScopeAttribute(params string[] scopes) : Attribute
{
    /// <summary>The scopes.</summary>
    public IReadOnlyList<string> Scopes { get; } = scopes;
}
