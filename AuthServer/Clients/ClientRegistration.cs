using System.Globalization;
using System.Text.Json;
using McpAspire.AuthServer.Authorize;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// Turns client metadata into an OpenIddict application. Grants, response types and scopes that we lack are left out
/// where something usable remains.
/// </summary>
internal static class ClientRegistration
{
    private const int LongestName = 100;
    private const int MostKeys = 20;

    private static readonly string[] GrantTypesForStrangers = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken];

    /// <exception cref="ClientRefusedException">Nothing usable remains, or something is not allowed.</exception>
    internal static OpenIddictApplicationDescriptor Describe(ClientMetadata metadata, string clientId, JsonWebKeySet? keys, string authenticationMethod)
    {
        var descriptor = new OpenIddictApplicationDescriptor
        {
            ClientId = clientId,
            DisplayName = Name(metadata.ClientName, clientId),
            ClientType = authenticationMethod == ClientAuthenticationMethods.None ? ClientTypes.Public : ClientTypes.Confidential,
            ApplicationType = IsNative(metadata, authenticationMethod) ? ApplicationTypes.Native : ApplicationTypes.Web,
            ConsentType = ConsentTypes.Explicit,
            JsonWebKeySet = authenticationMethod == ClientAuthenticationMethods.PrivateKeyJwt ? keys : null,
        };

        AddRedirects(descriptor, metadata);
        AddPermissions(descriptor, metadata);
        return descriptor;
    }

    /// <summary>How the client proves itself, from the singular or, where it is missing, the list that large clients write.</summary>
    /// <exception cref="ClientRefusedException">Only methods that need a shared secret are offered.</exception>
    internal static string AuthenticationMethod(ClientMetadata metadata)
    {
        var hasKeys = metadata.Jwks is not null || metadata.JwksUri is not null;
        var offered = metadata.TokenEndpointAuthMethod is { } one ? [one] : metadata.TokenEndpointAuthMethodsSupported ?? [];
        if (metadata.ClientSecret is not null)
        {
            throw new ClientRefusedException("A client metadata document is public, so it can't hold a client_secret.");
        }

        if (hasKeys && (offered.Count == 0 || offered.Contains(ClientAuthenticationMethods.PrivateKeyJwt)))
        {
            return ClientAuthenticationMethods.PrivateKeyJwt;
        }

        return offered.Count == 0 || offered.Contains(ClientAuthenticationMethods.None)
            ? ClientAuthenticationMethods.None
            : throw new ClientRefusedException(
                "token_endpoint_auth_method must be 'none', or 'private_key_jwt' with jwks or jwks_uri: a public document can't agree on a secret.");
    }

    /// <exception cref="ClientRefusedException">It is no set of public keys.</exception>
    internal static JsonWebKeySet ParseKeys(string json)
    {
        JsonWebKeySet keys;
        try
        {
            keys = new JsonWebKeySet(json);
        }
        catch (ArgumentException)
        {
            throw new ClientRefusedException("The client's key set is not a JSON Web Key Set.");
        }
        catch (JsonException)
        {
            throw new ClientRefusedException("The client's key set is not a JSON Web Key Set.");
        }

        if (keys.Keys.Count is 0 or > MostKeys || keys.Keys.Any(key => key is null || key.HasPrivateKey || key.Kty == JsonWebAlgorithmsKeyTypes.Octet))
        {
            throw new ClientRefusedException($"The client's key set must hold 1 to {MostKeys} public keys, and no private or shared ones.");
        }

        return keys;
    }

    private static string Name(string? name, string clientId)
    {
        // Format characters could turn the text around them, the verified host among it.
        var clean = new string([.. (name ?? string.Empty).Where(character =>
            char.GetUnicodeCategory(character) is not (UnicodeCategory.Control or UnicodeCategory.Format))]).Trim();
        return clean.Length == 0 ? clientId : clean[..Math.Min(clean.Length, LongestName)];
    }

    /// <summary>A client that can't keep a key and comes back to loopback is a native one, whether it says so or not.</summary>
    private static bool IsNative(ClientMetadata metadata, string authenticationMethod) =>
        metadata.ApplicationType is { } type
            ? type == ApplicationTypes.Native
            : authenticationMethod == ClientAuthenticationMethods.None
                && (metadata.RedirectUris ?? []).Any(uri => uri?.StartsWith("http:", StringComparison.OrdinalIgnoreCase) == true);

    private static void AddRedirects(OpenIddictApplicationDescriptor descriptor, ClientMetadata metadata)
    {
        var redirects = metadata.RedirectUris ?? [];
        var afterLogout = metadata.PostLogoutRedirectUris ?? [];
        if (redirects.Count is 0 or > RedirectUri.MostUris || afterLogout.Count > RedirectUri.MostUris)
        {
            throw new ClientRefusedException($"A client needs 1 to {RedirectUri.MostUris} redirect_uris, and at most as many post_logout_redirect_uris.");
        }

        descriptor.RedirectUris.UnionWith(redirects.Select(RedirectUri.Check));
        descriptor.PostLogoutRedirectUris.UnionWith(afterLogout.Select(RedirectUri.Check));
    }

    private static void AddPermissions(OpenIddictApplicationDescriptor descriptor, ClientMetadata metadata)
    {
        var grantTypes = (metadata.GrantTypes ?? [GrantTypes.AuthorizationCode]).Intersect(GrantTypesForStrangers).ToArray();
        if (!grantTypes.Contains(GrantTypes.AuthorizationCode) || metadata.ResponseTypes?.Contains(ResponseTypes.Code) == false)
        {
            throw new ClientRefusedException("A client needs the grant type authorization_code with the response type code; nothing usable remains.");
        }

        descriptor.Permissions.UnionWith(
        [
            Permissions.Endpoints.Authorization, Permissions.Endpoints.PushedAuthorization, Permissions.Endpoints.Token, Permissions.Endpoints.Revocation, Permissions.Endpoints.EndSession,
            Permissions.ResponseTypes.Code,
            .. grantTypes.Select(type => Permissions.Prefixes.GrantType + type),
            .. Scopes(metadata.Scope).Select(scope => Permissions.Prefixes.Scope + scope),
        ]);
    }

    private static IEnumerable<string> Scopes(string? registered)
    {
        if (string.IsNullOrWhiteSpace(registered))
        {
            return ScopeCatalog.All.Select(scope => scope.Name);
        }

        var known = ScopeCatalog.InFull(ScopeCatalog.Parse(registered));
        return known.Length > 0 ? known : throw new ClientRefusedException("None of the scopes that the client registered is known here.");
    }
}
