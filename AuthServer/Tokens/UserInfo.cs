using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// userinfo (OpenID Connect Core §5.3) takes any living access token of ours that has <c>openid</c>, whatever its
/// audience, and gives what its scopes give.
/// </summary>
internal sealed class UserInfo(AuthDbContext database, GrantStore grants) : IOpenIddictServerHandler<HandleUserInfoRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<HandleUserInfoRequestContext, UserInfo>(int.MaxValue - 1000);

    public async ValueTask HandleAsync(HandleUserInfoRequestContext context)
    {
        var token = context.AccessTokenPrincipal;
        if (!token.HasScope(ScopeCatalog.OpenId))
        {
            context.Reject(Errors.InsufficientScope, "The access token does not have the scope openid.");
            return;
        }

        var subject = token.GetClaim(Claims.Subject);
        var account = await database.Accounts.AsNoTracking().FirstOrDefaultAsync(row => row.Id == subject, context.CancellationToken);
        var grant = await grants.FindAsync(token.GetClaim(TokenPrincipal.GrantId) ?? string.Empty, context.CancellationToken);
        if (account is null || grant is not { EndedAt: null })
        {
            context.Reject(Errors.InvalidToken, "The authorization has ended.");
            return;
        }

        // Audiences are not the business of userinfo; OpenIddict would list them.
        context.Audiences.Clear();
        if (token.HasScope(ScopeCatalog.Profile))
        {
            context.Claims[Claims.Name] = account.Name;
            context.PreferredUsername = account.ShownUserName;
        }

        if (token.HasScope(ScopeCatalog.Email) && account.Email is not null)
        {
            context.Email = account.Email;
        }

        if (token.HasScope(ScopeCatalog.Roles))
        {
            context.Claims[ScopeCatalog.Roles] = new([.. account.RoleList.Select(role => (string?)role)]);
        }
    }
}
