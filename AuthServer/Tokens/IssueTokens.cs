using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Tokens.Liveness;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// Decides whether a valid code or refresh token still stands for something: its account, its grant and the session
/// that the grant is bound to must be alive. Then it says what the new tokens hold.
/// </summary>
internal sealed class IssueTokens(Standings standings, Sessions sessions, TimeProvider time) : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<HandleTokenRequestContext, IssueTokens>(OpenIddictServerHandlers.Exchange.AttachPrincipal.Descriptor.Order + 500);

    public async ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        if ((context.AuthorizationCodePrincipal ?? context.DeviceCodePrincipal ?? context.RefreshTokenPrincipal) is not { } from)
        {
            return;
        }

        if (await standings.OfAsync(from) is not { Account: { } account } standing)
        {
            context.Reject(Errors.InvalidGrant, "The account is gone.");
            return;
        }

        var grant = standing.Grant;
        if (grant is { EndedAt: not null } || (grant is null && context.RefreshTokenPrincipal is not null))
        {
            context.Reject(Errors.InvalidGrant, "The authorization has ended. The person must authorize the application again.");
            return;
        }

        if (from.GetClaim(TokenPrincipal.Sid) is not null && !sessions.Lives(standing.Session, account))
        {
            context.Reject(Errors.InvalidGrant, "The person has signed out. They must sign in again.");
            return;
        }

        var absolute = (grant?.AuthorizedAt ?? time.GetUtcNow()) + GrantStore.RefreshLifetime - time.GetUtcNow();
        context.Principal = TokenPrincipal.ForTokens(from, account, from.GetResources()[0], TokenPrincipal.ScopesOf(context.Request, from))
            .SetRefreshTokenLifetime(absolute < GrantStore.RefreshIdle ? absolute : GrantStore.RefreshIdle);
    }
}
