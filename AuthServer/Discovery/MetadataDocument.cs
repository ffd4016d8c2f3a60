using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Clients.Assertions;
using McpAspire.AuthServer.Registration;
using McpAspire.ServiceDefaults.PublicUrls;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Discovery;

/// <summary>
/// The authorization server's metadata (RFC 8414, OpenID Connect Discovery): the issuer exactly as configured, URLs
/// from the public URL and not from Host, and only what is truly supported.
/// </summary>
internal sealed class MetadataDocument(PublicUrl issuer, RegistrationOptions registration) : IOpenIddictServerHandler<ApplyConfigurationResponseContext>
{
    /// <summary>Some clients take the first method blindly, so the one that needs no secret comes first.</summary>
    private static readonly string[] AuthenticationMethods =
    [
        ClientAuthenticationMethods.None, ClientAuthenticationMethods.PrivateKeyJwt,
        ClientAuthenticationMethods.ClientSecretBasic, ClientAuthenticationMethods.ClientSecretPost,
    ];

    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ApplyConfigurationResponseContext, MetadataDocument>(int.MinValue + 1000);

    public ValueTask HandleAsync(ApplyConfigurationResponseContext context)
    {
        var document = context.Response;
        if (document.Error is not null)
        {
            return ValueTask.CompletedTask;
        }

        document[Metadata.Issuer] = issuer.Value;
        document[Metadata.AuthorizationEndpoint] = issuer.Of(Endpoints.Authorize);
        document["pushed_authorization_request_endpoint"] = issuer.Of(Endpoints.PushedAuthorization);
        document["require_pushed_authorization_requests"] = context.Options.RequirePushedAuthorizationRequests;
        document[Metadata.DeviceAuthorizationEndpoint] = issuer.Of(Endpoints.DeviceAuthorization);
        document["pushed_authorization_request_endpoint_auth_methods_supported"] = List(AuthenticationMethods);
        document["device_authorization_endpoint_auth_methods_supported"] = List(AuthenticationMethods);
        document[Metadata.TokenEndpoint] = issuer.Of(Endpoints.Token);
        document[Metadata.RevocationEndpoint] = issuer.Of(Endpoints.Revoke);
        document[Metadata.IntrospectionEndpoint] = issuer.Of(Endpoints.Introspect);
        document[Metadata.UserInfoEndpoint] = issuer.Of(Endpoints.UserInfo);
        document[Metadata.EndSessionEndpoint] = issuer.Of(Endpoints.Logout);
        document[Metadata.JwksUri] = issuer.Of(Endpoints.Keys);
        document[Metadata.ScopesSupported] = List(ScopeCatalog.All.Select(scope => scope.Name));
        document[Metadata.CodeChallengeMethodsSupported] = List([CodeChallengeMethods.Sha256]);
        document["prompt_values_supported"] = List(context.Options.PromptValues.Order());
        document[Metadata.IdTokenSigningAlgValuesSupported] = List([Algorithms.RsaSha256]);
        document[Metadata.TokenEndpointAuthMethodsSupported] = List(AuthenticationMethods);
        document["token_endpoint_auth_signing_alg_values_supported"] = List(ClientAssertionKeys.Algorithms);
        document[Metadata.RevocationEndpointAuthMethodsSupported] = List(AuthenticationMethods);
        document["revocation_endpoint_auth_signing_alg_values_supported"] = List(ClientAssertionKeys.Algorithms);
        document[Metadata.IntrospectionEndpointAuthMethodsSupported] = List(AuthenticationMethods.Skip(1));
        document["introspection_endpoint_auth_signing_alg_values_supported"] = List(ClientAssertionKeys.Algorithms);
        document["authorization_grant_profiles_supported"] = List([EnterpriseManaged.IdJag.Profile]);
        document["backchannel_logout_supported"] = true;
        document["backchannel_logout_session_supported"] = true;
        document["client_id_metadata_document_supported"] = true;
        if (registration.Enabled)
        {
            document["registration_endpoint"] = issuer.Of(Endpoints.Register);
        }

        return ValueTask.CompletedTask;
    }

    private static OpenIddictParameter List(IEnumerable<string> values) => new([.. values.Select(value => (string?)value)]);
}
