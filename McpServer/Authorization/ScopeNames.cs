namespace McpAspire.McpServer.Authorization;

/// <summary>The scopes that this server knows.</summary>
internal static class ScopeNames
{
    /// <summary>Talk to this server, and use tools that touch nothing of the person's. Every call needs it.</summary>
    public const string McpTools = "mcp:tools";
}
