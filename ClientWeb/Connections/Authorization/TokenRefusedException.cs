namespace McpAspire.ClientWeb.Connections.Authorization;

/// <summary>The token endpoint refused (RFC 6749 §5.2).</summary>
internal sealed class TokenRefusedException(string error, string? description)
    : Exception(description is null ? $"The authorization server refused: {error}." : $"The authorization server refused: {error} ({description})")
{
    public string Error { get; } = error;
}
