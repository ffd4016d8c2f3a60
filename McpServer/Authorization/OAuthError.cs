using System.Text.Json.Serialization;

namespace McpAspire.McpServer.Authorization;

/// <summary>The body of a refusal, in OAuth's own words (RFC 6749 §5.2).</summary>
/// <param name="Error">The error code.</param>
/// <param name="Description">What to do about it.</param>
internal sealed record OAuthError(
    [property: JsonPropertyName("error")] string Error,
    [property: JsonPropertyName("error_description")] string Description);

[JsonSerializable(typeof(OAuthError))]
internal sealed partial class OAuthErrorJson : JsonSerializerContext;
