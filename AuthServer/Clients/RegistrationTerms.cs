using System.Collections.Immutable;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Clients;

/// <summary>What a client may be, by where its registration comes from.</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="AllowedGrantTypes">The grants that it may have; others that it names are left out.</param>
/// <param name="AuthenticationMethods">The ways in which it may prove itself.</param>
internal sealed record RegistrationTerms(
    ClientSource Source, ImmutableArray<string> AllowedGrantTypes, ImmutableArray<string> AuthenticationMethods)
{
    internal const string TokenExchange = GrantTypes.TokenExchange;
    internal const string JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private static readonly ImmutableArray<string> ForStrangers = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken];

    /// <summary>A metadata document is public: it can't agree on a secret.</summary>
    internal static readonly RegistrationTerms Document = new(
        ClientSource.MetadataDocument, ForStrangers, [ClientAuthenticationMethods.None, ClientAuthenticationMethods.PrivateKeyJwt]);

    internal static readonly RegistrationTerms Registered = new(
        ClientSource.Registered,
        ForStrangers,
        [
            ClientAuthenticationMethods.None, ClientAuthenticationMethods.PrivateKeyJwt,
            ClientAuthenticationMethods.ClientSecretBasic, ClientAuthenticationMethods.ClientSecretPost,
        ]);

    /// <summary>A document that the operator brings in has the same grants as one that is fetched.</summary>
    internal static readonly RegistrationTerms ConfiguredDocument = Document with { Source = ClientSource.Configured };

    internal static readonly RegistrationTerms Configured = Registered with
    {
        Source = ClientSource.Configured,
        AllowedGrantTypes = [.. ForStrangers, GrantTypes.ClientCredentials, GrantTypes.DeviceCode, TokenExchange, JwtBearer],
    };

    /// <summary>True where it may prove itself with a secret.</summary>
    internal bool MayHaveSecret => AuthenticationMethods.Contains(ClientAuthenticationMethods.ClientSecretBasic);

    /// <summary>True where it must say its name: in a metadata document (MCP, Client Registration), which has no secret.</summary>
    internal bool MustHaveName => !MayHaveSecret;

    /// <summary>True for a client that nobody here vouches for.</summary>
    internal bool IsStranger => Source != ClientSource.Configured;
}
