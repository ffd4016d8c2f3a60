using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// Decides whether a valid code or refresh token still stands for something: its account, its grant and the session
/// that the grant is bound to must be alive. Then it says what the new tokens hold.
/// </summary>
internal sealed class IssueTokens(AuthDbContext database, GrantStore grants, Sessions sessions, TimeProvider time)
    : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<HandleTokenRequestContext>()
            .UseScopedHandler<IssueTokens>()
            .SetOrder(OpenIddictServerHandlers.Exchange.AttachPrincipal.Descriptor.Order + 500)
            .Build();

    public async ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        if ((context.AuthorizationCodePrincipal ?? context.DeviceCodePrincipal ?? context.RefreshTokenPrincipal) is not { } from)
        {
            return;
        }

        var subject = from.GetClaim(Claims.Subject);
        var account = await database.Accounts.AsNoTracking().FirstOrDefaultAsync(row => row.Id == subject, context.CancellationToken);
        if (account is null)
        {
            context.Reject(Errors.InvalidGrant, "The account is gone.");
            return;
        }

        var grant = await grants.FindAsync(from.GetClaim(TokenPrincipal.GrantId)!, context.CancellationToken);
        if (grant is { EndedAt: not null } || (grant is null && context.RefreshTokenPrincipal is not null))
        {
            context.Reject(Errors.InvalidGrant, "The authorization has ended. The person must authorize the application again.");
            return;
        }

        if (from.GetClaim(TokenPrincipal.Sid) is { } sid && await sessions.FindAsync(sid, context.CancellationToken) is null)
        {
            context.Reject(Errors.InvalidGrant, "The person has signed out. They must sign in again.");
            return;
        }

        var absolute = (grant?.AuthorizedAt ?? time.GetUtcNow()) + GrantStore.RefreshLifetime - time.GetUtcNow();
        context.Principal = TokenPrincipal.ForTokens(from, account, from.GetResources()[0], TokenPrincipal.ScopesOf(context.Request, from))
            .SetRefreshTokenLifetime(absolute < GrantStore.RefreshIdle ? absolute : GrantStore.RefreshIdle);
    }
}
