using System.Runtime.CompilerServices;
using McpAspire.McpServer.Authorization;
using McpAspire.McpServer.Revocation;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Server;

namespace McpAspire.McpServer.Protocol;

/// <summary>The rules of one tool, read once from its declaration.</summary>
/// <param name="Scopes">All scopes that a call needs.</param>
/// <param name="OwnsNoData">True where the tool keeps and shows nothing of anybody's.</param>
/// <param name="Arguments">What its arguments must be.</param>
internal sealed record ToolPolicy(IReadOnlyList<string> Scopes, bool OwnsNoData, ArgumentRules Arguments);

/// <summary>Finds the rules of tools.</summary>
internal sealed class ToolPolicies(IOptions<McpServerOptions> options)
{
    /// <summary>What every call needs, whatever the tool.</summary>
    public static readonly IReadOnlyList<string> EveryCall = [ScopeNames.McpTools];

    private readonly ConditionalWeakTable<McpServerTool, ToolPolicy> _policies = [];

    /// <summary>The rules of a tool, or null where there is none of this name.</summary>
    /// <param name="name">The tool's name.</param>
    public ToolPolicy? Find(string name) =>
        options.Value.ToolCollection is { } tools && tools.TryGetPrimitive(name, out var tool) ? Of(tool) : null;

    /// <summary>The rules of a tool.</summary>
    /// <param name="tool">The tool.</param>
    public ToolPolicy Of(McpServerTool tool) => _policies.GetValue(tool, static tool => new ToolPolicy(
        [.. EveryCall.Concat(tool.Metadata.OfType<RequiresScopeAttribute>().SelectMany(static rule => rule.Scopes)).Distinct()],
        tool.Metadata.OfType<OwnsNoDataAttribute>().Any(),
        ArgumentRules.Read(tool.ProtocolTool.InputSchema)));
}
