using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Grants;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens.Revoking;

/// <summary>Takes the place of OpenIddict's revocation: revoking any token ends its whole grant (RFC 7009 §2.1).</summary>
internal sealed class RevokeGrant(EndingActs endings) : IOpenIddictServerHandler<HandleRevocationRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<HandleRevocationRequestContext, RevokeGrant>(OpenIddictServerHandlers.Revocation.RevokeToken.Descriptor.Order);

    public async ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        if (context.GenericTokenPrincipal.GetClaim(TokenPrincipal.GrantId) is { } grantId)
        {
            await endings.EndGrantAsync(grantId, EndReason.Revoked, context.CancellationToken);
        }
    }
}
