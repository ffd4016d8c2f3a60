using System.Security.Claims;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Tokens.Liveness;

/// <summary>Whether an access token of a person still stands for something: its account, its grant, and the session that the grant is bound to.</summary>
internal sealed class LivingGrants(AuthDbContext database, GrantStore grants, Sessions sessions)
{
    internal async Task<bool> IsLivingAsync(ClaimsPrincipal token, CancellationToken cancellationToken)
    {
        var subject = token.GetClaim(Claims.Subject);
        return token.GetClaim(TokenPrincipal.GrantId) is { } grantId
            && await grants.FindAsync(grantId, cancellationToken) is { EndedAt: null } grant
            && grant.AccountId == subject
            && (token.GetClaim(TokenPrincipal.Sid) is not { } sid || await sessions.FindAsync(sid, cancellationToken) is not null)
            && await database.Accounts.AnyAsync(account => account.Id == subject && account.DisabledAt == null, cancellationToken);
    }
}
