using System.Collections.Frozen;
using ModelContextProtocol.Protocol;

namespace McpAspire.McpServer.Protocol;

/// <summary>
/// The messages that touch nobody's data: calls of tools that say so, and what a client needs to get as far as such a
/// call. With <c>Revocation:OpenToolsGoOn</c> they go on while revocations are not known.
/// </summary>
internal sealed class OpenMessages(ToolPolicies policies)
{
    private static readonly FrozenSet<string> Methods = new[]
    {
        RequestMethods.Initialize, NotificationMethods.InitializedNotification, RequestMethods.Ping,
        RequestMethods.ServerDiscover, RequestMethods.ToolsList,
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>True where the message touches nobody's data.</summary>
    /// <param name="message">The message.</param>
    public bool Cover(CallPreview message) => message.ToolName is { } tool
        ? policies.Find(tool) is { OwnsNoData: true }
        : message.Method is { } method && Methods.Contains(method);
}
