using System.Security.Claims;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tokens.Retrying;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// Takes the place of OpenIddict's redeeming, which lets parallel refreshes fork: a code, user code, refresh token or
/// stored request is redeemed by one conditional UPDATE, so exactly one request wins, whatever processes race. From here to
/// <see cref="CommitRedeemed"/> all is one database transaction, which a client that hangs up can't cut short: what was
/// redeemed, the grant and the new tokens are there together or not at all.
/// </summary>
internal sealed class RedeemOnce(
    AuthDbContext database, Redeeming redeeming, ReplayedTokens replayed, SameAnswer same, TimeProvider time) : IOpenIddictServerHandler<ProcessSignInContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
            .UseScopedHandler<RedeemOnce>()
            .SetOrder(OpenIddictServerHandlers.RedeemTokenEntry.Descriptor.Order)
            .Build();

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        var authentication = context.Transaction.GetProperty<ProcessAuthenticationContext>(typeof(ProcessAuthenticationContext).FullName!)!;
        var presented = context.EndpointType switch
        {
            OpenIddictServerEndpointType.Token =>
                authentication.AuthorizationCodePrincipal ?? authentication.DeviceCodePrincipal ?? authentication.RefreshTokenPrincipal,
            OpenIddictServerEndpointType.EndUserVerification => authentication.UserCodePrincipal,
            _ => authentication.RequestTokenPrincipal,
        };
        if (presented?.GetTokenId() is not { } id)
        {
            return;
        }

        // Who is gone already keeps an unused token. Who leaves later loses the answer, but what it stands for is not half done.
        context.Transaction.CancellationToken.ThrowIfCancellationRequested();
        context.Transaction.CancellationToken = CancellationToken.None;
        await redeeming.BeginAsync();
        var now = time.GetUtcNow().UtcDateTime;
        var version = Guid.NewGuid().ToString();
        var redeemed = await database.Tokens.Where(token => token.Id == id && token.Status == Statuses.Valid).ExecuteUpdateAsync(
            row => row
                .SetProperty(token => token.Status, Statuses.Redeemed)
                .SetProperty(token => token.RedemptionDate, now)
                .SetProperty(token => token.ConcurrencyToken, version),
            CancellationToken.None);
        if (redeemed != 1)
        {
            await redeeming.DisposeAsync();
            await LoseAsync(context, presented);
        }
    }

    private async Task LoseAsync(ProcessSignInContext context, ClaimsPrincipal presented)
    {
        if (presented.HasTokenType(TokenTypeIdentifiers.RefreshToken))
        {
            await same.GiveAsync(context, context.ClientId, presented);
            return;
        }

        await replayed.EndAsync(presented, context.ClientId, CancellationToken.None);
        context.Reject(Errors.InvalidGrant, "It was used already, by a request that came first.");
    }
}
