namespace McpAspire.ClientWeb.Mcp;

/// <summary>Registers the room that talks MCP.</summary>
internal static class McpExtensions
{
    public static void AddMcpConnection(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<McpOptions>().BindConfiguration("Mcp").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<HomeConnection>();
        builder.Services.AddScoped<HomeTools>();
    }
}
