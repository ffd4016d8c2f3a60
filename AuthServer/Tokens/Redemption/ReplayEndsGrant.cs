using McpAspire.AuthServer.Tokens.Liveness;
using McpAspire.AuthServer.Tokens.Retrying;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens.Redemption;

/// <summary>
/// Takes the place of OpenIddict's check of a token's row: one that was used before is refused, and
/// <see cref="ReplayedTokens"/> says what that ends. A refresh that is only retried goes on (<see cref="RetriedRefresh"/>).
/// </summary>
internal sealed class ReplayEndsGrant(Standings standings, ReplayedTokens replayed)
    : IOpenIddictServerHandler<ValidateTokenContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateTokenContext>()
            .AddFilter<OpenIddictServerHandlerFilters.RequireTokenIdResolved>()
            .UseScopedHandler<ReplayEndsGrant>()
            .SetOrder(OpenIddictServerHandlers.Protection.ValidateTokenEntry.Descriptor.Order)
            .Build();

    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        var row = (await standings.OfAsync(context.Principal!))?.Token;
        if (row?.Status == Statuses.Valid || context.EndpointType == OpenIddictServerEndpointType.Revocation)
        {
            return;
        }

        // A resource server that introspects a token has not used it.
        if (row?.Status == Statuses.Redeemed && context.EndpointType != OpenIddictServerEndpointType.Introspection)
        {
            if (context.Request?.IsRefreshTokenGrantType() == true && replayed.IsRecent(row.RedeemedAt))
            {
                RetriedRefresh.Set(context.Transaction);
                return;
            }

            await replayed.EndAsync(context.Principal!, context.Request?.ClientId, context.CancellationToken);
        }

        context.Reject(Errors.InvalidToken, "It was used or revoked before. The person must authorize the application again.");
    }
}
