using System.Security.Claims;
using McpAspire.AuthServer.EnterpriseManaged;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tokens.Retrying;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// Takes the place of OpenIddict's redeeming, which lets parallel refreshes fork: a code or refresh token is redeemed by
/// one conditional UPDATE, so exactly one request wins, whatever processes race. What the new tokens hang on is looked at
/// once more in the same transaction, by an UPDATE too, which locks the row: an act that ended the account, the session or
/// the grant since <see cref="IssueTokens"/> looked wins, and one that comes now waits, and then ends what this request made.
/// All of it is short, after the tokens are made and before anybody gets them, and a client that hangs up can't cut it
/// short: what was redeemed, the grant and the new tokens are there together or not at all.
/// </summary>
internal sealed class RedeemOnce(
    AuthDbContext database, Redeeming redeeming, ReplayedTokens replayed, SameAnswer same, TimeProvider time) : IOpenIddictServerHandler<ProcessSignInContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
            .UseScopedHandler<RedeemOnce>()
            .SetOrder(OpenIddictServerHandlers.BeautifyGeneratedTokens.Descriptor.Order + 100)
            .Build();

    // A row of no id is nobody's.
    private const string None = "";

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
        await redeeming.BeginAsync();

        var isRefresh = context.Request.IsRefreshTokenGrantType();
        var principal = context.Principal!;
        var rows = new Rows(
            Token: presented?.GetTokenId() ?? None,
            Account: principal.GetClaim(Claims.Subject)!,
            // A standalone grant outlives its session, but a code is redeemed only while the person who gave it is signed in.
            Session: (isRefresh || isIdJag ? principal.GetClaim(TokenPrincipal.Sid) : principal.GetClaim(TokenPrincipal.GivenInSession)) ?? None,
            Grant: isRefresh ? principal.GetClaim(TokenPrincipal.GrantId)! : None);
        if (await TakeAsync(rows) != rows.Count)
        {
            await redeeming.DisposeAsync();
            await RefuseAsync(context, presented, rows);
        }
        else if (!isRefresh && !await NewOrLivingAsync(principal.GetClaim(TokenPrincipal.GrantId)!))
        {
            await redeeming.DisposeAsync();
            context.Reject(Errors.InvalidGrant, GrantHasEnded);
        }
    }

    private const string GrantHasEnded = "The authorization has ended. The person must authorize the application again.";

    /// <summary>What is redeemed: a code, a device's code or a refresh token.</summary>
    private static ClaimsPrincipal? Presented(ProcessSignInContext context)
    {
        var authentication = context.Transaction.GetProperty<ProcessAuthenticationContext>(typeof(ProcessAuthenticationContext).FullName!)!;
        return authentication.AuthorizationCodePrincipal ?? authentication.DeviceCodePrincipal ?? authentication.RefreshTokenPrincipal;
    }

    /// <summary>
    /// Redeems the token, locks the account and notes the use of session and grant, by one command; in this order, as all do
    /// that write to them. Gives the number of rows that were as they must be.
    /// </summary>
    private Task<int> TakeAsync(Rows rows)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return database.Database.ExecuteSqlAsync(
            $"""
            UPDATE "OpenIddictTokens" SET "Status" = {Statuses.Redeemed}, "RedemptionDate" = {now}, "ConcurrencyToken" = {Guid.NewGuid().ToString()}
            WHERE "Id" = {rows.Token} AND "Status" = {Statuses.Valid};
            UPDATE "Accounts" SET "DisabledAt" = NULL WHERE "Id" = {rows.Account} AND "DisabledAt" IS NULL;
            UPDATE "Sessions" SET "LastUsedAt" = {now} WHERE "Id" = {rows.Session} AND "EndedAt" IS NULL;
            UPDATE "Grants" SET "LastUsedAt" = {now} WHERE "Id" = {rows.Grant} AND "EndedAt" IS NULL
            """,
            CancellationToken.None);
    }

    /// <summary>The grant of a code may not be there yet.</summary>
    private async Task<bool> NewOrLivingAsync(string grantId)
    {
        var now = time.GetUtcNow();
        return await database.Grants.Where(grant => grant.Id == grantId && grant.EndedAt == null)
                .ExecuteUpdateAsync(row => row.SetProperty(grant => grant.LastUsedAt, now), CancellationToken.None) == 1
            || !await database.Grants.AnyAsync(grant => grant.Id == grantId, CancellationToken.None);
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
        else if (rows.Session != None && !await database.Sessions.AnyAsync(session => session.Id == rows.Session && session.EndedAt == null, CancellationToken.None))
        {
            context.Reject(Errors.InvalidGrant, "The person has signed out. They must sign in again.");
        }
        else
        {
            context.Reject(Errors.InvalidGrant, GrantHasEnded);
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

    /// <summary>The rows that a request hangs on; <see cref="None"/> where it does not on one of a kind.</summary>
    private readonly record struct Rows(string Token, string Account, string Session, string Grant)
    {
        internal int Count => new[] { Token, Account, Session, Grant }.Count(id => id != None);
    }
}
