using McpAspire.McpServer.Authorization;
using McpAspire.McpServer.Rest;
using McpAspire.ServiceDefaults.BrowserProtection;

namespace McpAspire.McpServer.Protocol;

/// <summary>The paths where tokens are needed: MCP and the REST form of its tools.</summary>
internal static class ProtectedPaths
{
    /// <summary>True where a request is for MCP or for a tool.</summary>
    /// <param name="context">The request.</param>
    public static bool Covers(HttpContext context) =>
        context.Request.Path.StartsWithSegments(ResourceIdentity.McpPath, StringComparison.OrdinalIgnoreCase)
        || context.Request.Path.StartsWithSegments(RestExtensions.ToolsPath, StringComparison.OrdinalIgnoreCase);

    /// <summary>Applies the Origin rule (MCP transports, "Security Warning") and CORS.</summary>
    /// <param name="app">The pipeline.</param>
    public static void UseProtectedPaths(this WebApplication app)
    {
        app.UseOriginCheck(Covers);
        app.UseCors();
    }
}
