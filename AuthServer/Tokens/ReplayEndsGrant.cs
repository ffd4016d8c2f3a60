using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// Takes the place of OpenIddict's check of a token's row: one that was used before is refused, and
/// <see cref="ReplayedTokens"/> says what that ends.
/// </summary>
internal sealed class ReplayEndsGrant(AuthDbContext database, ReplayedTokens replayed)
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
        var row = await database.Tokens.AsNoTracking()
            .Where(token => token.Id == context.TokenId)
            .Select(token => new { token.Status, token.RedemptionDate })
            .FirstOrDefaultAsync(context.CancellationToken);
        if (row?.Status == Statuses.Valid || context.EndpointType == OpenIddictServerEndpointType.Revocation)
        {
            return;
        }

        if (row?.Status == Statuses.Redeemed)
        {
            await replayed.JudgeAsync(context.Principal!, context.Request?.ClientId, row.RedemptionDate, context.CancellationToken);
        }

        context.Reject(Errors.InvalidToken, "It was used or revoked before. The person must authorize the application again.");
    }
}
