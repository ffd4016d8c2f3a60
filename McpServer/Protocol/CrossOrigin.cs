using Microsoft.Net.Http.Headers;

namespace McpAspire.McpServer.Protocol;

/// <summary>
/// Which pages of other origins may read answers: metadata for any; MCP and tools for those listed under
/// <c>AllowedOrigins</c>, which also see the challenge. Never with cookies: there are none.
/// </summary>
internal static class CrossOrigin
{
    /// <summary>The policy of public documents.</summary>
    public const string AnyOrigin = nameof(AnyOrigin);

    /// <summary>The policy of MCP and tools.</summary>
    public const string ConfiguredOrigins = nameof(ConfiguredOrigins);

    private static readonly string[] ExposedHeaders =
        [HeaderNames.WWWAuthenticate, HeaderNames.RetryAfter, "Mcp-Session-Id", "MCP-Protocol-Version"];

    /// <summary>Adds both policies.</summary>
    /// <param name="builder">The service's builder.</param>
    public static void AddCrossOrigin(this WebApplicationBuilder builder)
    {
        var origins = builder.Configuration.GetSection("AllowedOrigins").Get<string[]>() ?? [];
        builder.Services.AddCors(cors =>
        {
            cors.AddPolicy(AnyOrigin, policy => policy.AllowAnyOrigin().WithMethods(HttpMethods.Get).AllowAnyHeader());
            cors.AddPolicy(ConfiguredOrigins, policy => policy
                .WithOrigins(origins)
                .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Delete)
                .AllowAnyHeader()
                .WithExposedHeaders(ExposedHeaders));
        });
    }
}
