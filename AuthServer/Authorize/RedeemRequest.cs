using McpAspire.AuthServer.Tokens.Redemption;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// A stored request, or a user code, is answered once: redeemed by one conditional UPDATE, in one transaction with the
/// code that it becomes. <see cref="RedeemOnce"/> does so with what is presented at the token endpoint.
/// </summary>
internal sealed class RedeemRequest(Redeeming redeeming) : IOpenIddictServerHandler<ProcessSignInContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ProcessSignInContext, RedeemRequest>(OpenIddictServerHandlers.RedeemTokenEntry.Descriptor.Order);

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        var authentication = context.Transaction.Passed<ProcessAuthenticationContext>()!;
        var presented = context.EndpointType switch
        {
            OpenIddictServerEndpointType.Token => null,
            OpenIddictServerEndpointType.EndUserVerification => authentication.UserCodePrincipal,
            _ => authentication.RequestTokenPrincipal,
        };
        if (presented?.GetTokenId() is not { } id)
        {
            return;
        }

        context.Transaction.CancellationToken.ThrowIfCancellationRequested();
        context.Transaction.CancellationToken = CancellationToken.None;
        await redeeming.BeginAsync();
        if (!await redeeming.RedeemAsync(id))
        {
            await redeeming.DisposeAsync();
            context.Reject(Errors.InvalidGrant, "It was used already, by a request that came first.");
        }
    }
}
