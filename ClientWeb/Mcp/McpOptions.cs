using System.ComponentModel.DataAnnotations;

namespace McpAspire.ClientWeb.Mcp;

/// <summary>Settings of calls to MCP servers, section <c>Mcp</c>.</summary>
internal sealed class McpOptions
{
    /// <summary>How long a call may take before it counts as failed. Default: one minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "The setting 'Mcp:CallTimeout' must lie between 00:00:01 and 01:00:00.")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromMinutes(1);
}
