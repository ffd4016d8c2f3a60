using System.Text.Json.Serialization;
using McpAspire.McpServer.Authorization;

namespace McpAspire.McpServer.Rest;

/// <summary><c>GET /</c>: what this is, and where to go from here.</summary>
internal static class WelcomeEndpoint
{
    /// <summary>Maps the endpoint.</summary>
    /// <param name="app">The service.</param>
    public static void MapWelcome(this WebApplication app)
    {
        var identity = app.Services.GetRequiredService<ResourceIdentity>();
        var welcome = new Welcome("MCP OAuth2 Server is running.", identity.Resource, identity.MetadataUrl, identity.Issuer);
        app.MapGet("/", () => welcome);
    }

    private sealed record Welcome(
        string Message,
        string Mcp,
        [property: JsonPropertyName("resource_metadata")] string ResourceMetadata,
        [property: JsonPropertyName("authorization_server")] string AuthorizationServer);
}
