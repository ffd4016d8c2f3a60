using System.Text.Json;
using OpenIddict.Abstractions;

namespace McpAspire.AuthServer.Clients;

/// <summary>Where a client's registration comes from.</summary>
internal enum ClientSource
{
    Configured,
    MetadataDocument,
    Registered,
}

/// <summary>What we keep of a client beside OpenIddict's own columns, as one JSON property of its row.</summary>
/// <param name="Source">Where the registration comes from.</param>
/// <param name="AuthenticationMethod">How it proves itself at the token endpoint.</param>
/// <param name="FreshUntil">Until when a metadata document needs no new look.</param>
/// <param name="BackChannelLogoutUri">Where it wants to be told that a session ended (OpenID Connect Back-Channel Logout §2.2); <see cref="LogoutUri"/> is where it is.</param>
/// <param name="BackChannelLogoutSessionRequired">True where it can't use a logout token without <c>sid</c>.</param>
/// <param name="JwksUri">Where its keys are, unless they are in its row.</param>
/// <param name="Resources">The resources that a configured client may get tokens for; null for all.</param>
/// <param name="LogoUri">Where its logo is.</param>
/// <param name="Logo">Under which digest we serve that.</param>
/// <param name="Digest">The digest of its redirect URIs and keys (<see cref="ClientDigest"/>): a consent is for a client as it was then.</param>
internal sealed record ClientProfile(
    ClientSource Source,
    string AuthenticationMethod,
    DateTimeOffset? FreshUntil = null,
    string? BackChannelLogoutUri = null,
    bool BackChannelLogoutSessionRequired = false,
    string? JwksUri = null,
    IReadOnlyList<string>? Resources = null,
    string? LogoUri = null,
    string? Logo = null,
    string Digest = "")
{
    private const string Property = "profile";

    /// <summary>True where the client must prove itself with a key or a secret before it gets a token.</summary>
    internal bool ProvesItself => AuthenticationMethod != OpenIddictConstants.ClientAuthenticationMethods.None;

    /// <summary>True where that is a key, which nobody else ever holds.</summary>
    internal bool ProvesItselfWithKey => AuthenticationMethod == OpenIddictConstants.ClientAuthenticationMethods.PrivateKeyJwt;

    /// <summary>Where it is told that a session ended; null where it is not: a client that registered has none, whatever a row of before says.</summary>
    internal string? LogoutUri => Source == ClientSource.Registered ? null : BackChannelLogoutUri;

    internal void WriteTo(OpenIddictApplicationDescriptor descriptor) =>
        descriptor.Properties[Property] = JsonSerializer.SerializeToElement(this);

    /// <summary>Reads it from the column that holds the properties of a client's row.</summary>
    internal static ClientProfile? Parse(string? properties) =>
        string.IsNullOrEmpty(properties)
            ? null
            : Of(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(properties)!);

    /// <summary>Reads it from the properties of a client.</summary>
    internal static ClientProfile? Of(IReadOnlyDictionary<string, JsonElement> properties) =>
        properties.TryGetValue(Property, out var profile) ? profile.Deserialize<ClientProfile>() : null;

    internal static async Task<ClientProfile> OfAsync(IOpenIddictApplicationManager clients, object client, CancellationToken cancellationToken)
    {
        return Of(await clients.GetPropertiesAsync(client, cancellationToken))!;
    }
}
