using McpAspire.AuthServer.Clients.Fetching;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Clients.Assertions;

/// <summary>
/// How a client assertion (RFC 7523 §3) is verified: by the client's registered keys, asymmetric algorithms only, typ
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
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateTokenContext>()
            .UseScopedHandler<ClientAssertionKeys>()
            .SetOrder(OpenIddictServerHandlers.Protection.ResolveTokenValidationParameters.Descriptor.Order + 500)
            .Build();

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
            var keys = await KeysAsync(assertion, context.CancellationToken);
            context.TokenValidationParameters = new TokenValidationParameters
            {
                ValidateIssuer = false,
                ValidateAudience = false,
                ValidateLifetime = false,
                ValidAlgorithms = Algorithms,
                IssuerSigningKeys = keys,
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

    private async Task<IList<SecurityKey>> KeysAsync(JsonWebToken assertion, CancellationToken cancellationToken)
    {
        var client = string.IsNullOrEmpty(assertion.Issuer) ? null : await directory.FindAsync(assertion.Issuer, cancellationToken);
        if (client is null)
        {
            return [];
        }

        var profile = await ClientProfile.OfAsync(clients, client, cancellationToken);
        var keys = await SigningKeysAsync(client, assertion.Issuer, profile, cancellationToken);
        if (string.IsNullOrEmpty(assertion.Kid) || keys.Any(key => key.KeyId == assertion.Kid))
        {
            return keys;
        }

        if (profile.Source == ClientSource.MetadataDocument)
        {
            await directory.RenewAsync(client, assertion.Issuer, cancellationToken);
            profile = await ClientProfile.OfAsync(clients, client, cancellationToken);
        }

        return profile.JwksUri is { } url
            ? (await remote.RenewAsync(url, profile.Source, assertion.Issuer)).GetSigningKeys()
            : await SigningKeysAsync(client, assertion.Issuer, profile, cancellationToken);
    }

    private async Task<IList<SecurityKey>> SigningKeysAsync(object client, string clientId, ClientProfile profile, CancellationToken cancellationToken) =>
        (profile.JwksUri is { } url ? await remote.GetAsync(url, profile.Source, clientId) : await clients.GetJsonWebKeySetAsync(client, cancellationToken))?.GetSigningKeys() ?? [];

    private static string OwnTypeFor(string? type) => type?.ToLowerInvariant() switch
    {
        null or "" or "jwt" or "application/jwt" or OwnType or "application/" + OwnType => OwnType,
        _ => throw new SecurityTokenInvalidTypeException("The client assertion has another typ.") { InvalidType = type },
    };
}
