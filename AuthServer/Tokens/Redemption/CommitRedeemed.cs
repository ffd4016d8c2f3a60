using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens.Redemption;

/// <summary>
/// Ends the transaction that <see cref="RedeemOnce"/> or <see cref="Authorize.RedeemRequest"/> began, before the answer is
/// sent. A refresh is written by then. Where a request does not get here, the end of the request rolls back.
/// </summary>
internal sealed class CommitRedeemed(Redeeming redeeming) : IOpenIddictServerHandler<ProcessSignInContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ProcessSignInContext, CommitRedeemed>(OpenIddictServerHandlers.Exchange.ApplyTokenResponse<ProcessSignInContext>.Descriptor.Order - 500);

    public async ValueTask HandleAsync(ProcessSignInContext context) => await redeeming.CommitAsync();
}
