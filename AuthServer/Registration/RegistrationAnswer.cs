using System.Text.Json;
using System.Text.Json.Serialization;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Clients;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Registration;

/// <summary>The answer to a registration (RFC 7591 §3.2.1): all that stands, which may be less than was asked for.</summary>
internal sealed record RegistrationAnswer
{
    [JsonPropertyName("client_id")]
    public required string ClientId { get; init; }

    [JsonPropertyName("client_id_issued_at")]
    public required long IssuedAt { get; init; }

    [JsonPropertyName("client_secret")]
    public required string? Secret { get; init; }

    /// <summary>Zero, which means never; only beside a secret.</summary>
    [JsonPropertyName("client_secret_expires_at")]
    public required long? SecretExpiresAt { get; init; }

    [JsonPropertyName("client_name")]
    public required string? Name { get; init; }

    [JsonPropertyName("application_type")]
    public required string ApplicationType { get; init; }

    [JsonPropertyName("redirect_uris")]
    public required IEnumerable<string> RedirectUris { get; init; }

    [JsonPropertyName("post_logout_redirect_uris")]
    public required IEnumerable<string>? PostLogoutRedirectUris { get; init; }

    [JsonPropertyName("token_endpoint_auth_method")]
    public required string AuthenticationMethod { get; init; }

    [JsonPropertyName("grant_types")]
    public required IEnumerable<string> GrantTypes { get; init; }

    [JsonPropertyName("response_types")]
    public required IEnumerable<string> ResponseTypes { get; init; }

    [JsonPropertyName("scope")]
    public required string Scope { get; init; }

    [JsonPropertyName("jwks")]
    public required JsonElement? Jwks { get; init; }

    [JsonPropertyName("jwks_uri")]
    public required string? JwksUri { get; init; }

    internal static RegistrationAnswer Of(RegisteredClient client, ClientMetadata asked)
    {
        var (descriptor, profile) = (client.Descriptor, client.Descriptor.Profile);
        return new RegistrationAnswer
        {
            ClientId = client.ClientId,
            IssuedAt = client.IssuedAt.ToUnixTimeSeconds(),
            Secret = client.Secret,
            SecretExpiresAt = client.Secret is null ? null : 0,
            Name = string.IsNullOrWhiteSpace(asked.ClientName) ? null : descriptor.DisplayName,
            ApplicationType = descriptor.ApplicationType!,
            RedirectUris = descriptor.ExactRedirectUris,
            PostLogoutRedirectUris = OrNull(descriptor.PostLogoutRedirectUris.Select(uri => uri.OriginalString)),
            AuthenticationMethod = profile.AuthenticationMethod,
            GrantTypes = ClientPermissions.Named(descriptor.Permissions, Permissions.Prefixes.GrantType),
            ResponseTypes = [OpenIddict.Abstractions.OpenIddictConstants.ResponseTypes.Code],
            Scope = ScopeCatalog.Text(ScopeCatalog.InFull(ClientPermissions.Named(descriptor.Permissions, Permissions.Prefixes.Scope))),
            Jwks = descriptor.JsonWebKeySet is null ? null : asked.Jwks,
            JwksUri = profile.JwksUri,
        };
    }

    private static IEnumerable<string>? OrNull(IEnumerable<string> values) => values.Any() ? values : null;
}
