using McpAspire.McpServer.Authorization;
using McpAspire.McpServer.Protocol;

namespace McpAspire.McpServer.Rest;

/// <summary>What this server offers besides MCP: a word on what it is, one tool as plain REST, and old clients' metadata.</summary>
internal static class RestExtensions
{
    /// <summary>The path below which tools are offered as REST.</summary>
    public const string ToolsPath = "/tools";

    /// <summary>Adds what REST answers need.</summary>
    /// <param name="builder">The service's builder.</param>
    public static void AddRest(this WebApplicationBuilder builder) => builder.Services.AddProblemDetails();

    /// <summary>Gives errors without a body a problem document (RFC 9457).</summary>
    /// <param name="app">The pipeline.</param>
    public static void UseReadableErrors(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
    }

    /// <summary>Maps the REST endpoints.</summary>
    /// <param name="app">The service.</param>
    public static void MapRest(this WebApplication app)
    {
        app.MapWelcome();
        app.MapAuthorizationServerDocument();
        app.MapGroup(ToolsPath)
            .RequireAuthorization()
            .RequireRateLimiting(CallLimit.Policy)
            .RequireCors(CrossOrigin.ConfiguredOrigins)
            .MapSecureEcho();
    }
}
