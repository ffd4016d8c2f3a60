using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens.Revoking;

/// <summary>
/// A client revokes tokens that were issued to it; for another's the request is refused, and the client told so
/// (RFC 7009 §2.1). Takes the place of OpenIddict's rule, which answers as if the token had been revoked.
/// </summary>
internal sealed class OwnTokensOnly : IOpenIddictServerHandler<ValidateRevocationRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ValidateRevocationRequestContext, OwnTokensOnly>(OpenIddictServerHandlers.Revocation.ValidateAuthorizedParty.Descriptor.Order);

    public ValueTask HandleAsync(ValidateRevocationRequestContext context)
    {
        if (!context.GenericTokenPrincipal!.HasPresenter(context.ClientId!))
        {
            context.Reject(Errors.InvalidGrant, "The token was issued to another client.");
        }

        return ValueTask.CompletedTask;
    }
}
