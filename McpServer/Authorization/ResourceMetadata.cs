using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Authentication;

namespace McpAspire.McpServer.Authorization;

/// <summary>
/// Protected resource metadata (RFC 9728): made once from configuration, at the resource's path form (§3.1) and, the
/// same document, at the root form; nowhere else.
/// </summary>
internal static class ResourceMetadata
{
    /// <summary>Maps the document's two places.</summary>
    /// <param name="app">The service.</param>
    public static void MapResourceMetadata(this WebApplication app)
    {
        var identity = app.Services.GetRequiredService<ResourceIdentity>();
        var json = Write(identity);
        app.MapGet(ResourceIdentity.MetadataPath, Answer).RequireCors(Protocol.CrossOrigin.AnyOrigin);
        app.MapGet(ResourceIdentity.MetadataPath + ResourceIdentity.McpPath, Answer).RequireCors(Protocol.CrossOrigin.AnyOrigin);

        IResult Answer(HttpResponse response)
        {
            response.Headers.CacheControl = "public, max-age=300";
            return Results.Bytes(json, "application/json");
        }
    }

    private static byte[] Write(ResourceIdentity identity) => JsonSerializer.SerializeToUtf8Bytes(
        new ProtectedResourceMetadata
        {
            Resource = identity.Resource,
            ResourceName = "McpAspire MCP server",
            AuthorizationServers = [identity.Issuer],
            ScopesSupported = [ScopeNames.McpTools],
            BearerMethodsSupported = ["header"],
        },
        McpJsonUtilities.DefaultOptions);
}
