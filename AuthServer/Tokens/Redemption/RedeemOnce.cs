using System.Security.Claims;
using McpAspire.AuthServer.EnterpriseManaged;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tokens.Retrying;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens.Redemption;

/// <summary>
/// Takes the place of OpenIddict's redeeming, which lets parallel refreshes fork: a code or refresh token is redeemed by
/// one conditional UPDATE, so exactly one request wins, whatever processes race. What the new tokens hang on is looked at
/// once more in the same transaction: an act that ended the account, the session or the grant since
/// <see cref="IssueTokens"/> looked wins, and one that comes now waits, and then ends what this request made.
/// All of it is short, after the tokens are made and before anybody gets them, and a client that hangs up can't cut it
/// short: what was redeemed, the grant and the new tokens are there together or not at all.
/// </summary>
internal sealed class RedeemOnce(
    AuthDbContext database, IRefreshWriter refreshes, Redeeming redeeming, NewRefreshToken made, ReplayedTokens replayed, SameAnswer same, TimeProvider time)
    : IOpenIddictServerHandler<ProcessSignInContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ProcessSignInContext, RedeemOnce>(OpenIddictServerHandlers.BeautifyGeneratedTokens.Descriptor.Order + 100);

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        var isIdJag = context.Transaction.GetProperty<IdJag>(typeof(IdJag).FullName!) is not null;
        var presented = Presented(context);
        if (context.EndpointType != OpenIddictServerEndpointType.Token || (presented is null && !isIdJag))
        {
            return;
        }

        // Who is gone already keeps an unused token. Who leaves later loses the answer, but what it stands for is not half done.
        context.Transaction.CancellationToken.ThrowIfCancellationRequested();
        context.Transaction.CancellationToken = CancellationToken.None;
        var principal = context.Principal!;
        var isRefresh = context.Request.IsRefreshTokenGrantType();
        // A standalone grant outlives its session, but a code is redeemed only while the person who gave it is signed in.
        var rows = new Rows(
            presented?.GetTokenId(),
            principal.GetClaim(Claims.Subject)!,
            principal.GetClaim(isRefresh || isIdJag ? TokenPrincipal.Sid : TokenPrincipal.GivenInSession),
            principal.GetClaim(TokenPrincipal.GrantId)!);
        if (isRefresh ? !await RefreshAsync(rows) : !await BeginAsync(rows))
        {
            await redeeming.DisposeAsync();
            await RefuseAsync(context, presented, rows);
        }
    }

    /// <summary>What is redeemed: a code, a device's code or a refresh token.</summary>
    private static ClaimsPrincipal? Presented(ProcessSignInContext context)
    {
        var authentication = context.Transaction.Passed<ProcessAuthenticationContext>()!;
        return authentication.AuthorizationCodePrincipal ?? authentication.DeviceCodePrincipal ?? authentication.RefreshTokenPrincipal;
    }

    private Task<bool> RefreshAsync(Rows rows) =>
        refreshes.WriteAsync(new Refresh(rows.Token!, rows.Account, rows.Session, rows.Grant, made.Row!));

    /// <summary>
    /// Begins the transaction of what begins a grant. Each look is an UPDATE, which locks the row; in this order, as all do
    /// that write to them. The account's changes nothing.
    /// </summary>
    private async Task<bool> BeginAsync(Rows rows)
    {
        await redeeming.BeginAsync();
        var now = time.GetUtcNow();
        return (rows.Token is null || await redeeming.RedeemAsync(rows.Token))
            && await database.Accounts.Where(account => account.Id == rows.Account && account.DisabledAt == null)
                .ExecuteUpdateAsync(row => row.SetProperty(account => account.DisabledAt, account => account.DisabledAt), CancellationToken.None) == 1
            && (rows.Session is null || await database.Sessions.Where(session => session.Id == rows.Session && session.EndedAt == null)
                .ExecuteUpdateAsync(row => row.SetProperty(session => session.LastUsedAt, now), CancellationToken.None) == 1)
            && (await database.Grants.Where(grant => grant.Id == rows.Grant && grant.EndedAt == null)
                .ExecuteUpdateAsync(row => row.SetProperty(grant => grant.LastUsedAt, now), CancellationToken.None) == 1
                // The grant of a code may not be there yet.
                || !await database.Grants.AnyAsync(grant => grant.Id == rows.Grant, CancellationToken.None));
    }

    /// <summary>Finds out, once nothing is redeemed, what was not as it must be.</summary>
    private async Task RefuseAsync(ProcessSignInContext context, ClaimsPrincipal? presented, Rows rows)
    {
        if (presented is not null && !await database.Tokens.AnyAsync(token => token.Id == rows.Token && token.Status == Statuses.Valid, CancellationToken.None))
        {
            await LoseAsync(context, presented);
        }
        else if (!await database.Accounts.AnyAsync(account => account.Id == rows.Account && account.DisabledAt == null, CancellationToken.None))
        {
            context.Reject(Errors.InvalidGrant, "The account is disabled.");
        }
        else if (rows.Session is not null && !await database.Sessions.AnyAsync(session => session.Id == rows.Session && session.EndedAt == null, CancellationToken.None))
        {
            context.Reject(Errors.InvalidGrant, "The person has signed out. They must sign in again.");
        }
        else
        {
            context.Reject(Errors.InvalidGrant, "The authorization has ended. The person must authorize the application again.");
        }
    }

    private async Task LoseAsync(ProcessSignInContext context, ClaimsPrincipal presented)
    {
        if (context.Request.IsRefreshTokenGrantType())
        {
            await same.GiveAsync(context, context.ClientId, presented);
            return;
        }

        await replayed.EndAsync(presented, context.ClientId, CancellationToken.None);
        context.Reject(Errors.InvalidGrant, "It was used already, by a request that came first.");
    }

    /// <summary>The ids of the rows that a request hangs on; null where it does not on one of a kind.</summary>
    private sealed record Rows(string? Token, string Account, string? Session, string Grant);
}
