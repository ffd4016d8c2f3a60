using ModelContextProtocol.Protocol;

namespace McpAspire.ClientWeb.Components.Tools;

/// <summary>What a server says about a tool by its annotations. Hints, not promises (MCP tools, "Tool annotations").</summary>
/// <param name="Text">The hint in words.</param>
/// <param name="Tone">The class that colours it.</param>
internal sealed record ToolHint(string Text, string Tone);

/// <summary>Words about tools.</summary>
internal static class ToolText
{
    /// <summary>The name to show: the title where there is one.</summary>
    public static string TitleOf(Tool tool) => tool.Title ?? tool.Annotations?.Title ?? tool.Name;

    /// <summary>The hints that the server gives.</summary>
    public static IReadOnlyList<ToolHint> HintsOf(Tool tool)
    {
        var hints = new List<ToolHint>();
        if (tool.Annotations is not { } annotations)
        {
            return hints;
        }

        if (annotations.ReadOnlyHint is true)
        {
            hints.Add(new ToolHint("only reads", "calm"));
        }
        else if (annotations.DestructiveHint is true)
        {
            hints.Add(new ToolHint("may delete or overwrite", "warn"));
        }

        if (annotations.IdempotentHint is true && annotations.ReadOnlyHint is not true)
        {
            hints.Add(new ToolHint("safe to repeat", "calm"));
        }

        if (annotations.OpenWorldHint is true)
        {
            hints.Add(new ToolHint("reaches other systems", "plain"));
        }

        return hints;
    }
}
