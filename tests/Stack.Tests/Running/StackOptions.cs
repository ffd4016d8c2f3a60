namespace McpAspire.Stack.Tests.Running;

/// <summary>How a stack is started.</summary>
internal sealed record StackOptions
{
    /// <summary>The launch profile: http or https.</summary>
    internal string Profile { get; init; } = "http";

    /// <summary>True where the stack has the real Keycloak, of <c>KEYCLOAK_HOME</c>; else AuthServer's own accounts serve.</summary>
    internal bool Keycloak { get; init; }

    /// <summary>A resource that is killed as soon as it was started for the first time; none by default.</summary>
    internal string? DiesAtStart { get; init; }

    /// <summary>Hosts of public URLs other than localhost, by service.</summary>
    internal IReadOnlyDictionary<string, string> Hosts { get; init; } = new Dictionary<string, string>();

    /// <summary>Further environment variables.</summary>
    internal IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
