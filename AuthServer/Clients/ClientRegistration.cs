using System.Globalization;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Clients.Fetching;
using McpAspire.AuthServer.Clients.RedirectUris;
using McpAspire.ServiceDefaults.Outbound;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// Turns client metadata (RFC 7591 §2) into an OpenIddict application: one vocabulary for documents, registrations and
/// configuration. Grants, response types and scopes that we lack are left out where something usable remains.
/// </summary>
internal sealed class ClientRegistration(RedirectUriRules redirectRules, BackChannelLogoutUri logoutUris, ClientKeys clientKeys, ClientGuard guards)
{
    private const int LongestName = 100;

    /// <param name="metadata">What the client says.</param>
    /// <param name="clientId">Its id.</param>
    /// <param name="terms">What it may be.</param>
    /// <exception cref="ClientRefusedException">Nothing usable remains, or something is not allowed.</exception>
    internal ClientDescriptor Describe(ClientMetadata metadata, string clientId, RegistrationTerms terms)
    {
        var grantTypes = UsableGrants(metadata, terms);
        var redirects = Redirects(metadata, grantTypes);
        var onDevice = redirects.Length > 0 && redirects.All(RedirectUri.StaysOnDevice);
        var method = AuthenticationMethod(metadata, terms, onDevice);
        var (keys, jwksUri) = method == ClientAuthenticationMethods.PrivateKeyJwt ? clientKeys.Of(metadata, terms.Source, clientId) : (null, null);
        var logoutUri = logoutUris.Check(metadata.BackChannelLogoutUri, terms.Source, clientId);
        string[] exact = [.. redirects.Select(uri => uri.OriginalString).Distinct(StringComparer.Ordinal)];
        var descriptor = new ClientDescriptor
        {
            ClientId = clientId,
            DisplayName = Name(metadata.ClientName, clientId, terms),
            ClientType = method == ClientAuthenticationMethods.None ? ClientTypes.Public : ClientTypes.Confidential,
            ApplicationType = IsNative(metadata, redirects, onDevice, method) ? ApplicationTypes.Native : ApplicationTypes.Web,
            ConsentType = ConsentTypes.Explicit,
            JsonWebKeySet = keys,
            ExactRedirectUris = [.. exact],
            Profile = new ClientProfile(
                terms.Source,
                method,
                BackChannelLogoutUri: logoutUri,
                BackChannelLogoutSessionRequired: logoutUri is not null && metadata.BackChannelLogoutSessionRequired == true,
                JwksUri: jwksUri,
                LogoUri: terms.Source == ClientSource.MetadataDocument ? Logo(metadata, clientId) : null,
                Digest: ClientDigest.Of(exact, keys, jwksUri)),
        };
        descriptor.RedirectUris.UnionWith(redirects);
        descriptor.PostLogoutRedirectUris.UnionWith(AfterLogout(metadata));
        descriptor.Permissions.UnionWith(ClientPermissions.For(grantTypes, method, terms.Source));
        descriptor.Permissions.UnionWith(Scopes(metadata.Scope, grantTypes, terms).Select(scope => Permissions.Prefixes.Scope + scope));
        return descriptor;
    }

    private static string[] UsableGrants(ClientMetadata metadata, RegistrationTerms terms)
    {
        var named = metadata.GrantTypes is { Count: > 0 } some ? some : [GrantTypes.AuthorizationCode];
        var lacksCode = metadata.ResponseTypes is { Count: > 0 } types && !types.Contains(ResponseTypes.Code);
        var usable = terms.AllowedGrantTypes.Where(type => named.Contains(type) && !(lacksCode && type == GrantTypes.AuthorizationCode)).ToArray();
        if (usable.Length == 0 || (terms.IsStranger && !usable.Contains(GrantTypes.AuthorizationCode)))
        {
            throw new ClientRefusedException(
                "A client needs the grant type authorization_code with the response type code; nothing usable remains. Add them to grant_types and response_types.");
        }

        return usable;
    }

    /// <summary>How the client proves itself, from the singular or, where it is missing, the list that large clients write.</summary>
    private static string AuthenticationMethod(ClientMetadata metadata, RegistrationTerms terms, bool onDevice)
    {
        if (!terms.MayHaveSecret && metadata.ClientSecret is not null)
        {
            throw new ClientRefusedException("A client metadata document is public, so it can't hold a client_secret.");
        }

        var hasKeys = metadata.Jwks is not null || metadata.JwksUri is not null;
        var offered = metadata.TokenEndpointAuthMethod is { } one ? [one] : metadata.TokenEndpointAuthMethodsSupported ?? [];
        if (hasKeys && (offered.Count == 0 || offered.Contains(ClientAuthenticationMethods.PrivateKeyJwt)))
        {
            return ClientAuthenticationMethods.PrivateKeyJwt;
        }

        if (offered.Count == 0)
        {
            // RFC 7591 §2 says client_secret_basic, but a program on a person's machine can't keep a secret (RFC 8252 §8.5).
            return terms.MayHaveSecret && !onDevice ? ClientAuthenticationMethods.ClientSecretBasic : ClientAuthenticationMethods.None;
        }

        return offered.FirstOrDefault(method => method != ClientAuthenticationMethods.PrivateKeyJwt && terms.AuthenticationMethods.Contains(method!))
            ?? throw new ClientRefusedException(terms.MayHaveSecret
                ? "token_endpoint_auth_method must be one of none, client_secret_basic, client_secret_post, or private_key_jwt with jwks or jwks_uri."
                : "token_endpoint_auth_method must be 'none', or 'private_key_jwt' with jwks or jwks_uri: a public document can't agree on a secret.");
    }

    /// <summary>Only a document proves a host; who registers could bear any logo. One that can't be used is left out.</summary>
    private string? Logo(ClientMetadata metadata, string clientId)
    {
        if (metadata.LogoUri is not { Length: <= ClientMetadata.LongestUrl } || !Uri.TryCreate(metadata.LogoUri, UriKind.Absolute, out var url))
        {
            return null;
        }

        try
        {
            guards.For(ClientSource.MetadataDocument, clientId, url).Check(url);
            return metadata.LogoUri;
        }
        catch (OutboundException)
        {
            return null;
        }
    }

    private static string Name(string? name, string clientId, RegistrationTerms terms)
    {
        // Format characters could turn the text around them, the verified host among it.
        var clean = new string([.. (name ?? string.Empty).Where(character =>
            char.GetUnicodeCategory(character) is not (UnicodeCategory.Control or UnicodeCategory.Format))]).Trim();
        if (clean.Length > 0)
        {
            return ShortText.Of(clean, LongestName);
        }

        return terms.MustHaveName
            ? throw new ClientRefusedException("A client metadata document must have a client_name: what people are shown when they are asked to allow it. Add one.")
            : clientId;
    }

    /// <summary>
    /// A client whose redirects all stay on the device is native, whatever it says. Of the others one that says nothing,
    /// has no key or secret and comes back to loopback among others is meant as native too.
    /// </summary>
    private static bool IsNative(ClientMetadata metadata, Uri[] redirects, bool onDevice, string method) =>
        onDevice
        || (metadata.ApplicationType is { } type
            ? type == ApplicationTypes.Native
            : method == ClientAuthenticationMethods.None && redirects.Any(uri => uri.Scheme == "http"));

    private Uri[] Redirects(ClientMetadata metadata, string[] grantTypes)
    {
        var redirects = metadata.RedirectUris ?? [];
        if (!grantTypes.Contains(GrantTypes.AuthorizationCode))
        {
            return redirects.Count == 0
                ? []
                : throw new ClientRefusedException("Redirect URIs are of no use without the grant type authorization_code. Add it, or leave them out.");
        }

        return redirects.Count > 0 && redirects.Count <= redirectRules.MostOfClient
            ? [.. redirects.Select(redirectRules.Check)]
            : throw new ClientRefusedException($"A client needs 1 to {redirectRules.MostOfClient} redirect_uris.", Registration.RegistrationErrors.InvalidRedirectUri);
    }

    private IEnumerable<Uri> AfterLogout(ClientMetadata metadata)
    {
        var uris = metadata.PostLogoutRedirectUris ?? [];
        return uris.Count <= redirectRules.MostOfClient
            ? uris.Select(redirectRules.Check)
            : throw new ClientRefusedException(
                $"A client may have {redirectRules.MostOfClient} post_logout_redirect_uris at most.", Registration.RegistrationErrors.InvalidRedirectUri);
    }

    /// <summary>What it may ask for: without refresh tokens it can't stay connected, and what comes by exchange alone is for whom the operator lets.</summary>
    private static string[] Scopes(string? registered, string[] grantTypes, RegistrationTerms terms)
    {
        var named = string.IsNullOrWhiteSpace(registered)
            ? [.. ScopeCatalog.All.Select(scope => scope.Name)]
            : ScopeCatalog.InFull(ScopeCatalog.Parse(registered));
        string[] usable =
        [
            .. named.Where(name => (name != ScopeCatalog.OfflineAccess || grantTypes.Contains(GrantTypes.RefreshToken))
                && !(terms.IsStranger && ScopeCatalog.Of(name).Consent == ConsentKind.ByExchange)),
        ];
        return usable.Length > 0
            ? usable
            : throw new ClientRefusedException(
                "None of the scopes that the client registered can be asked for here (offline_access only with the grant type refresh_token). "
                + $"Known are: {ScopeCatalog.Text(ScopeCatalog.All.Select(scope => scope.Name))}.");
    }
}
