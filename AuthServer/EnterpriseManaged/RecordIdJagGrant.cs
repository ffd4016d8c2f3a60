using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Tokens;
using McpAspire.AuthServer.Tokens.Redemption;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.EnterpriseManaged;

/// <summary>
/// A redeemed ID-JAG becomes a grant that stands alone, one per person, client, resource and provider, so that the person
/// sees it and can end it. It is there when the token is: in the transaction of <see cref="RedeemOnce"/>,
/// which has looked once more and locked the account's row before the grant's, as all do.
/// </summary>
internal sealed class RecordIdJagGrant(GrantStore grants, TimeProvider time, AuditLog audit) : IOpenIddictServerHandler<ProcessSignInContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ProcessSignInContext, RecordIdJagGrant>(RedeemOnce.Descriptor.Order + 300);

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.Transaction.GetProperty<IdJag>(typeof(IdJag).FullName!) is not { } redeemed)
        {
            return;
        }

        var now = time.GetUtcNow();
        var principal = context.Principal!;
        var grant = new Grant
        {
            Id = principal.GetClaim(TokenPrincipal.GrantId)!,
            AccountId = principal.GetClaim(Claims.Subject)!,
            ClientId = context.ClientId!,
            Resource = principal.GetResources()[0],
            SessionId = null,
            GivenInSession = string.Empty,
            Scopes = ScopeCatalog.Text(principal.GetScopes()),
            CreatedAt = now,
            AuthorizedAt = now,
            LastUsedAt = now,
            Provider = redeemed.Provider.Key,
            UpstreamSubject = redeemed.Subject,
        };
        await grants.RecordAsync(grant, CancellationToken.None);
        audit.TokensIssued(context.Request.GrantType, grant.AccountId, grant.ClientId, grant.Id);
    }
}
