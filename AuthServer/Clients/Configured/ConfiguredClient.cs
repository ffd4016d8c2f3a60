using System.Text.Json;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Clients.Documents;
using McpAspire.ServiceDefaults;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Clients.Configured;

/// <summary>Judges one client of the setting <c>Clients</c> and describes it.</summary>
internal sealed class ConfiguredClient(ClientRegistration registration, ConfiguredDocument documents, ResourceIndicators resources)
{
    private const int ShortestSecret = 32;

    private static readonly string[] DefaultGrants = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken];
    private static readonly string[] NeedsProof = [GrantTypes.ClientCredentials, RegistrationTerms.TokenExchange, RegistrationTerms.JwtBearer];

    /// <exception cref="ClientRefusedException">It can't be used; the message says what to change.</exception>
    internal ClientDescriptor Describe(IConfigurationSection section)
    {
        if (SettingSection.Unknown<ClientOptions>(section, ConfiguredDocument.Setting) is { } unknown)
        {
            throw new ClientRefusedException(
                $"it has '{unknown}', which is no setting of a client. Known are: {SettingSection.Known<ClientOptions>()}, {ConfiguredDocument.Setting}.");
        }

        var options = section.Get<ClientOptions>() ?? new ClientOptions();
        var document = section.GetSection(ConfiguredDocument.Setting);
        var descriptor = DocumentAddress.LooksLikeUrl(options.ClientId) ? documents.Describe(options, document) : DescribeOptions(options, document);
        descriptor.Profile = descriptor.Profile with { Resources = Resources(options) };
        if (options.RequirePushed)
        {
            descriptor.Requirements.Add(Requirements.Features.PushedAuthorizationRequests);
        }

        return descriptor;
    }

    private ClientDescriptor DescribeOptions(ClientOptions options, IConfigurationSection document)
    {
        if (document.Exists())
        {
            throw new ClientRefusedException("'Document' is for a 'ClientId' that is the URL of the document.");
        }

        CheckIdentity(options);
        var grantTypes = options.GrantTypes.Count > 0 ? options.GrantTypes : DefaultGrants;
        CheckGrants(options, grantTypes);
        var metadata = new ClientMetadata
        {
            ClientName = options.Name,
            RedirectUris = [.. options.RedirectUris],
            PostLogoutRedirectUris = [.. options.PostLogoutRedirectUris],
            BackChannelLogoutUri = options.BackChannelLogoutUri,
            BackChannelLogoutSessionRequired = options.BackChannelLogoutSessionRequired,
            GrantTypes = [.. grantTypes],
            Scope = options.Scope,
            ApplicationType = options.Native ? ApplicationTypes.Native : ApplicationTypes.Web,
            TokenEndpointAuthMethod = Method(options),
            Jwks = Keys(options.Jwks),
            JwksUri = options.JwksUri,
        };
        CheckScope(options.Scope, grantTypes);
        var descriptor = registration.Describe(metadata, options.ClientId, RegistrationTerms.Configured);
        descriptor.ClientSecret = options.Secret;
        return descriptor;
    }

    private static void CheckIdentity(ClientOptions options)
    {
        if (options.ClientId.Length is 0 or > Storage.AuthDbContext.ClientIdLength)
        {
            throw new ClientRefusedException($"it needs a 'ClientId' of at most {Storage.AuthDbContext.ClientIdLength} characters.");
        }

        if (new[] { options.Secret, options.Jwks, options.JwksUri }.Count(value => value is not null) > 1)
        {
            throw new ClientRefusedException("it may have one of 'Secret', 'Jwks' and 'JwksUri', not more.");
        }

        if (options.Secret is { Length: < ShortestSecret })
        {
            throw new ClientRefusedException($"its 'Secret' must have {ShortestSecret} characters or more. Make a random one, for example with: openssl rand -base64 32");
        }
    }

    private static void CheckGrants(ClientOptions options, IList<string> grantTypes)
    {
        var known = RegistrationTerms.Configured.AllowedGrantTypes;
        if (grantTypes.FirstOrDefault(type => !known.Contains(type)) is { } unknown)
        {
            throw new ClientRefusedException($"its 'GrantTypes' has '{unknown}'. Known are: {string.Join(", ", known)}.");
        }

        if (grantTypes.Contains(GrantTypes.RefreshToken) && !grantTypes.Contains(GrantTypes.AuthorizationCode) && !grantTypes.Contains(GrantTypes.DeviceCode))
        {
            throw new ClientRefusedException("its 'GrantTypes' has refresh_token, but neither authorization_code nor the device code, which alone give refresh tokens.");
        }

        if (Method(options) == ClientAuthenticationMethods.None && grantTypes.FirstOrDefault(NeedsProof.Contains) is { } proven)
        {
            throw new ClientRefusedException($"the grant type {proven} is for clients that prove themselves. Give it 'Secret', 'Jwks' or 'JwksUri'.");
        }
    }

    private static void CheckScope(string? scope, IList<string> grantTypes)
    {
        if (ScopeCatalog.Parse(scope ?? string.Empty).Contains(ScopeCatalog.OfflineAccess) && !grantTypes.Contains(GrantTypes.RefreshToken))
        {
            throw new ClientRefusedException("its 'Scope' has offline_access, but its 'GrantTypes' no refresh_token. Add that, or leave it out.");
        }

        if (ScopeCatalog.Parse(scope ?? string.Empty).FirstOrDefault(name => !ScopeCatalog.Knows(name)) is { } unknown)
        {
            throw new ClientRefusedException($"its 'Scope' has '{unknown}'. Known are: {ScopeCatalog.Text(ScopeCatalog.All.Select(known => known.Name))}.");
        }
    }

    private string[]? Resources(ClientOptions options) =>
        options.Resources.Count == 0
            ? null
            : [.. options.Resources.Select(uri => resources.Find(uri)?.Uri
                ?? throw new ClientRefusedException($"its 'Resources' has '{uri}', which is not the Uri of a resource of the setting 'Resources'."))];

    private static JsonElement? Keys(string? jwks)
    {
        try
        {
            return jwks is null ? null : JsonDocument.Parse(jwks).RootElement;
        }
        catch (JsonException)
        {
            throw new ClientRefusedException("its 'Jwks' is not JSON. Write a JSON Web Key Set of public keys, as one string.");
        }
    }

    private static string Method(ClientOptions options) => options switch
    {
        { Secret: not null } => ClientAuthenticationMethods.ClientSecretBasic,
        { Jwks: null, JwksUri: null } => ClientAuthenticationMethods.None,
        _ => ClientAuthenticationMethods.PrivateKeyJwt,
    };
}
