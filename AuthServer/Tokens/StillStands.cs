using System.Security.Claims;
using McpAspire.AuthServer.EnterpriseManaged;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// Looks once more, inside the redeeming transaction, at what the new tokens hang on: the account, the session and the
/// grant. An act that ended one of them since <see cref="IssueTokens"/> looked wins. Each look is an UPDATE, which locks the
/// row, so that an act that comes now waits, and then ends what this request made. The session's and the grant's write
/// down the use besides; the account's changes nothing.
/// </summary>
internal sealed class StillStands(AuthDbContext database, Redeeming redeeming, TimeProvider time) : IOpenIddictServerHandler<ProcessSignInContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
            .UseScopedHandler<StillStands>()
            .SetOrder(RedeemOnce.Descriptor.Order + 250)
            .Build();

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.EndpointType != OpenIddictServerEndpointType.Token || !redeeming.IsUnderWay)
        {
            return;
        }

        var isCode = context.Request.IsAuthorizationCodeGrantType() || context.Request.IsDeviceCodeGrantType();
        if (await FaultAsync(context.Principal!, isCode, mayBeNew: isCode || context.Request.GrantType == IdJag.GrantType) is { } fault)
        {
            await redeeming.DisposeAsync();
            context.Reject(Errors.InvalidGrant, fault);
        }
    }

    private async Task<string?> FaultAsync(ClaimsPrincipal principal, bool isCode, bool mayBeNew)
    {
        if (!await AccountMaySignInAsync(principal.GetClaim(Claims.Subject)!))
        {
            return "The account is disabled.";
        }

        // A standalone grant outlives its session, but a code is redeemed only while the person who gave it is signed in.
        var sid = isCode ? principal.GetClaim(TokenPrincipal.GivenInSession) : principal.GetClaim(TokenPrincipal.Sid);
        if (sid is not null && !await SessionLivesAsync(sid))
        {
            return "The person has signed out. They must sign in again.";
        }

        return await GrantLivesAsync(principal.GetClaim(TokenPrincipal.GrantId)!, mayBeNew)
            ? null
            : "The authorization has ended. The person must authorize the application again.";
    }

    private async Task<bool> AccountMaySignInAsync(string accountId) =>
        await database.Accounts.Where(account => account.Id == accountId && account.DisabledAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(account => account.DisabledAt, account => account.DisabledAt), CancellationToken.None) == 1;

    private async Task<bool> SessionLivesAsync(string sid)
    {
        var now = time.GetUtcNow();
        return await database.Sessions.Where(session => session.Id == sid && session.EndedAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(session => session.LastUsedAt, now), CancellationToken.None) == 1;
    }

    private async Task<bool> GrantLivesAsync(string grantId, bool mayBeNew)
    {
        var now = time.GetUtcNow();
        return await database.Grants.Where(grant => grant.Id == grantId && grant.EndedAt == null)
                .ExecuteUpdateAsync(row => row.SetProperty(grant => grant.LastUsedAt, now), CancellationToken.None) == 1
            || (mayBeNew && !await database.Grants.AnyAsync(grant => grant.Id == grantId, CancellationToken.None));
    }
}
