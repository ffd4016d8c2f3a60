using McpAspire.McpServer.Authorization;
using Microsoft.AspNetCore.Mvc;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;

namespace McpAspire.McpServer.Protocol;

/// <summary>The MCP endpoint.</summary>
internal static class ProtocolExtensions
{
    /// <summary>The largest body at the MCP endpoint.</summary>
    public const int MaxBodyBytes = 4 * 1024 * 1024;

    /// <summary>
    /// Adds the protocol. Every revision is served without sessions: what a call needs comes with the call, so any
    /// replica can answer it.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    public static IMcpServerBuilder AddMcpProtocol(this WebApplicationBuilder builder)
    {
        builder.AddCrossOrigin();
        builder.Services.AddSingleton<ToolPolicies>();
        builder.Services.AddSingleton<OpenMessages>();
        return builder.Services
            .AddMcpServer(static options => options.ServerInfo = new Implementation
            {
                Name = "mcpaspire",
                Title = "McpAspire MCP server",
                Version = "1.0.0",
            })
            .WithHttpTransport(static options => options.SessionMode = HttpServerSessionMode.Stateless)
            .WithRequestFilters(static filters => filters.AddCallToolFilter(ToolCallFilter.Wrap));
    }

    /// <summary>Puts the <see cref="CallGate"/> in front of the MCP endpoint.</summary>
    /// <param name="app">The pipeline.</param>
    public static void UseMcpCallGate(this WebApplication app) => app.UseMiddleware<CallGate>();

    /// <summary>Maps the MCP endpoint, with its authorization, limits and CORS.</summary>
    /// <param name="app">The service.</param>
    public static void MapMcpEndpoint(this WebApplication app) => app
        .MapMcp(ResourceIdentity.McpPath)
        .RequireAuthorization()
        .RequireRateLimiting(CallLimit.Policy)
        .RequireCors(CrossOrigin.ConfiguredOrigins)
        .WithMetadata(new GatedEndpoint(), new RequestSizeLimitAttribute(MaxBodyBytes));
}
