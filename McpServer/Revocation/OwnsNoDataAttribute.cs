namespace McpAspire.McpServer.Revocation;

/// <summary>
/// Declares, beside a tool, that it keeps and shows nothing of anybody's. Where the setting
/// <c>Revocation:OpenToolsGoOn</c> allows it, such tools may be called while revocations are not known. A tool that
/// says nothing counts as one that owns data. On a class it holds for all tools in it.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
internal sealed class OwnsNoDataAttribute : Attribute;
