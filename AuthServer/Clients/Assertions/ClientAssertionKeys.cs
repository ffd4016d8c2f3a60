using McpAspire.AuthServer.Clients.Fetching;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Clients.Assertions;

/// <summary>
/// How a client assertion (RFC 7523 §3) is verified: by one of the client's registered keys, asymmetric algorithms only, typ
/// <c>client-authentication+jwt</c>, <c>JWT</c> or none. A kid that is not among the keys makes us read the client's
/// document or key set once more.
/// </summary>
internal sealed class ClientAssertionKeys(ClientDirectory directory, IOpenIddictApplicationManager clients, RemoteKeys remote)
    : IOpenIddictServerHandler<ValidateTokenContext>
{
    internal static readonly string[] Algorithms =
    [
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256,
    ];

    private const string OwnType = "client-authentication+jwt";

    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ValidateTokenContext, ClientAssertionKeys>(OpenIddictServerHandlers.Protection.ResolveTokenValidationParameters.Descriptor.Order + 500);

    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (!context.ValidTokenTypes.Contains(TokenTypeIdentifiers.Private.ClientAssertion))
        {
            return;
        }

        if (UnreadToken.Of(context.Token) is not { } assertion)
        {
            context.Reject(Errors.InvalidClient, "The client assertion is not a JSON Web Token.");
            return;
        }

        try
        {
            context.TokenValidationParameters = new TokenValidationParameters
            {
                ValidateIssuer = false,
                ValidateAudience = false,
                ValidateLifetime = false,
                ValidAlgorithms = Algorithms,
                IssuerSigningKeys = await KeyAsync(assertion, context.CancellationToken),
                TypeValidator = (type, _, _) => OwnTypeFor(type),
            };
            // Who, for whom and when is judged by ClientAssertionClaims, with the errors of client authentication.
            context.DisableAudienceValidation = true;
            context.DisableLifetimeValidation = true;
        }
        catch (ClientRefusedException exception)
        {
            context.Reject(Errors.InvalidClient, exception.Message);
        }
    }

    /// <summary>The one key that it can be: each that were tried would be work that a stranger makes us do.</summary>
    /// <exception cref="ClientRefusedException">It does not say which, or the keys can't be had.</exception>
    private async Task<SecurityKey[]> KeyAsync(JsonWebToken assertion, CancellationToken cancellationToken)
    {
        var client = string.IsNullOrEmpty(assertion.Issuer) ? null : await directory.FindAsync(assertion.Issuer, cancellationToken);
        if (client is null || !Algorithms.Contains(assertion.Alg))
        {
            return [];
        }

        var profile = await ClientProfile.OfAsync(clients, client, cancellationToken);
        var known = await KnownAsync(client, assertion.Issuer, profile, cancellationToken);
        var fitting = Fitting(known, assertion);
        if (fitting.Length == 0 && !string.IsNullOrEmpty(assertion.Kid) && known?.Keys.Any(key => key.Kid == assertion.Kid) != true)
        {
            fitting = Fitting(await RenewedAsync(client, assertion.Issuer, profile, cancellationToken), assertion);
        }

        return fitting.Length <= 1
            ? fitting
            : throw new ClientRefusedException("More than one of the client's keys may have signed the assertion. Give each key a kid of its own, and name it in the assertion's header.");
    }

    /// <summary>The keys of its algorithm that have its kid, or no kid (RFC 7515 §4.1.4).</summary>
    private static JsonWebKey[] Fitting(JsonWebKeySet? keys, JsonWebToken assertion)
    {
        JsonWebKey[] fitting = [.. keys?.Keys.Where(key => SignatureKey.Fits(key, assertion.Alg)) ?? []];
        return string.IsNullOrEmpty(assertion.Kid) ? fitting
            : Array.FindAll(fitting, key => key.Kid == assertion.Kid) is { Length: > 0 } named ? named
            : Array.FindAll(fitting, key => string.IsNullOrEmpty(key.Kid));
    }

    private async Task<JsonWebKeySet?> KnownAsync(object client, string clientId, ClientProfile profile, CancellationToken cancellationToken) =>
        profile.JwksUri is { } url ? await remote.GetAsync(url, profile.Source, clientId) : await clients.GetJsonWebKeySetAsync(client, cancellationToken);

    private async Task<JsonWebKeySet?> RenewedAsync(object client, string clientId, ClientProfile profile, CancellationToken cancellationToken)
    {
        if (profile.Source == ClientSource.MetadataDocument)
        {
            await directory.RenewAsync(client, clientId, cancellationToken);
            profile = await ClientProfile.OfAsync(clients, client, cancellationToken);
        }

        return profile.JwksUri is { } url ? await remote.RenewAsync(url, profile.Source, clientId) : await clients.GetJsonWebKeySetAsync(client, cancellationToken);
    }

    private static string OwnTypeFor(string? type) => type?.ToLowerInvariant() switch
    {
        null or "" or "jwt" or "application/jwt" or OwnType or "application/" + OwnType => OwnType,
        _ => throw new SecurityTokenInvalidTypeException("The client assertion has another typ.") { InvalidType = type },
    };
}
