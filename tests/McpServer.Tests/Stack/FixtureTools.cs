using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using McpAspire.McpServer.Authorization;
using ModelContextProtocol.Server;

namespace McpAspire.McpServer.Tests.Stack;

/// <summary>Tools that only the tests have: each shows one rule.</summary>
[McpServerToolType]
internal sealed class FixtureTools
{
    [McpServerTool(Name = "read_diary")]
    [RequiresScope("diary:read")]
    [Description("Needs a scope of its own.")]
    public static string ReadDiary() => "Dear diary";

    [McpServerTool(Name = "pick")]
    [Description("Has arguments of several kinds.")]
    public static string Pick([Range(1, 10)] int count, [AllowedValues("red", "green")] string color = "red") => $"{count} {color}";

    [McpServerTool(Name = "fail")]
    [Description("Throws.")]
    public static string Fail() => throw new InvalidOperationException("secret inner detail");
}
