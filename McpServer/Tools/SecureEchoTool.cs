using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using McpAspire.McpServer.Authorization;
using McpAspire.McpServer.Revocation;
using ModelContextProtocol.Server;

namespace McpAspire.McpServer.Tools;

/// <summary>The tool that shows that a call arrived, and whose it is.</summary>
[McpServerToolType]
[OwnsNoData]
internal sealed class SecureEchoTool
{
    /// <summary>The tool's name.</summary>
    public const string Name = "secure_echo";

    /// <summary>The longest message, in characters.</summary>
    public const int MaxMessageLength = 10_000;

    /// <summary>Returns the message and who sent it.</summary>
    [McpServerTool(Name = Name, Title = "Secure echo", ReadOnly = true, Idempotent = true, Destructive = false, OpenWorld = false,
        UseStructuredContent = true)]
    [Description("Returns your message, and who you are to this server.")]
    public static EchoResult Echo(
        [Description("The text to send back.")][MaxLength(MaxMessageLength)] string message,
        CurrentCaller caller) => new(message, caller.DisplayName);
}

/// <summary>What <c>secure_echo</c> returns.</summary>
/// <param name="Echo">The message.</param>
/// <param name="User">Who sent it.</param>
internal sealed record EchoResult(
    [property: Description("The message, as it was sent.")] string Echo,
    [property: Description("Who sent it: the name, or the subject where the token has no name.")] string User);
