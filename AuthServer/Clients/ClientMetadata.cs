using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpAspire.AuthServer.Clients;

/// <summary>Client metadata (RFC 7591 §2) as a client ID metadata document or a registration holds it. Unknown members are ignored; lists may hold null.</summary>
internal sealed record ClientMetadata
{
    /// <summary>How many characters the URLs in it may have; redirect URIs have a limit of their own.</summary>
    internal const int LongestUrl = 2048;

    [JsonPropertyName("client_id")]
    public string? ClientId { get; init; }

    [JsonPropertyName("client_name")]
    public string? ClientName { get; init; }

    [JsonPropertyName("redirect_uris")]
    public IReadOnlyList<string?>? RedirectUris { get; init; }

    [JsonPropertyName("post_logout_redirect_uris")]
    public IReadOnlyList<string?>? PostLogoutRedirectUris { get; init; }

    /// <summary>OpenID Connect Back-Channel Logout §2.2.</summary>
    [JsonPropertyName("backchannel_logout_uri")]
    public string? BackChannelLogoutUri { get; init; }

    [JsonPropertyName("backchannel_logout_session_required")]
    public bool? BackChannelLogoutSessionRequired { get; init; }

    [JsonPropertyName("grant_types")]
    public IReadOnlyList<string?>? GrantTypes { get; init; }

    [JsonPropertyName("response_types")]
    public IReadOnlyList<string?>? ResponseTypes { get; init; }

    [JsonPropertyName("scope")]
    public string? Scope { get; init; }

    [JsonPropertyName("application_type")]
    public string? ApplicationType { get; init; }

    [JsonPropertyName("token_endpoint_auth_method")]
    public string? TokenEndpointAuthMethod { get; init; }

    /// <summary>Large clients write this list where the singular belongs.</summary>
    [JsonPropertyName("token_endpoint_auth_methods_supported")]
    public IReadOnlyList<string?>? TokenEndpointAuthMethodsSupported { get; init; }

    [JsonPropertyName("client_secret")]
    public JsonElement? ClientSecret { get; init; }

    [JsonPropertyName("jwks")]
    public JsonElement? Jwks { get; init; }

    [JsonPropertyName("jwks_uri")]
    public string? JwksUri { get; init; }

    [JsonPropertyName("logo_uri")]
    public string? LogoUri { get; init; }

    /// <param name="json">The text.</param>
    /// <param name="what">What the text is, for the message.</param>
    /// <exception cref="ClientRefusedException">The text is no client metadata.</exception>
    internal static ClientMetadata Parse(ReadOnlySpan<byte> json, string what = "client metadata document")
    {
        if (json.IndexOf(@"\u0000"u8) >= 0)
        {
            throw new ClientRefusedException($"The {what} holds the character NUL (\\u0000). Leave it out.");
        }

        try
        {
            return JsonSerializer.Deserialize<ClientMetadata>(json) ?? throw new ClientRefusedException($"The {what} is empty.");
        }
        catch (JsonException exception)
        {
            throw new ClientRefusedException($"The {what} is not valid: {Fault(exception.Path)}.");
        }
    }

    private static string Fault(string? path)
    {
        var member = path?.Split('.', '[') is [_, { Length: > 0 } name, ..] ? name : null;
        var type = member is null ? null : typeof(ClientMetadata).GetProperties()
            .FirstOrDefault(property => property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name == member)?.PropertyType;
        return type == typeof(string) ? $"'{member}' must be a string"
            : type == typeof(bool?) ? $"'{member}' must be true or false"
            : type is not null ? $"'{member}' must be a list of strings"
            : "it must be a JSON object (RFC 7591 §2)";
    }
}
