namespace McpAspire.McpServer.Tools;

/// <summary>The tools that this server offers.</summary>
internal static class ToolsExtensions
{
    /// <summary>Registers the tools. A tool declares its scopes beside itself, with <c>[RequiresScope]</c>.</summary>
    /// <param name="builder">The protocol's builder.</param>
    public static IMcpServerBuilder WithMcpTools(this IMcpServerBuilder builder) => builder
        .WithTools<SecureEchoTool>()
        .WithTools<WhoAmITool>();
}
