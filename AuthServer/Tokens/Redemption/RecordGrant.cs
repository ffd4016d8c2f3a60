using System.Security.Claims;
using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Grants;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens.Redemption;

/// <summary>An authorization is finished when its code (or device code) is redeemed: then its grant becomes a row, or widens the one there is.</summary>
internal sealed class RecordGrant(GrantStore grants, TimeProvider time, AuditLog audit) : IOpenIddictServerHandler<ProcessSignInContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ProcessSignInContext, RecordGrant>(RedeemOnce.Descriptor.Order + 200);

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.EndpointType != OpenIddictServerEndpointType.Token || !TokenPrincipal.IsOfAuthorization(context.Request))
        {
            return;
        }

        var principal = context.Principal!;
        var subject = principal.GetClaim(Claims.Subject)!;
        var grantId = principal.GetClaim(TokenPrincipal.GrantId)!;
        if (context.Request.IsAuthorizationCodeGrantType() || context.Request.IsDeviceCodeGrantType())
        {
            var now = time.GetUtcNow();
            var code = Presented(context);
            var grant = new Grant
            {
                Id = grantId,
                AccountId = subject,
                ClientId = context.ClientId!,
                Resource = principal.GetResources()[0],
                SessionId = principal.GetClaim(TokenPrincipal.Sid),
                GivenInSession = principal.GetClaim(TokenPrincipal.GivenInSession)!,
                Scopes = ScopeCatalog.Text(principal.GetScopes()),
                CreatedAt = now,
                AuthorizedAt = now,
                LastUsedAt = now,
                Provider = code.GetClaim(TokenPrincipal.Provider),
                UpstreamSubject = code.GetClaim(TokenPrincipal.UpstreamSubject),
            };
            await grants.RecordAsync(grant, CancellationToken.None);
        }

        audit.TokensIssued(context.Request.GrantType, subject, context.ClientId, grantId);
    }

    /// <summary>The code itself: tokens don't carry all that it says.</summary>
    private static ClaimsPrincipal Presented(ProcessSignInContext context)
    {
        var presented = context.Transaction.Passed<ProcessAuthenticationContext>()!;
        return (presented.AuthorizationCodePrincipal ?? presented.DeviceCodePrincipal)!;
    }
}
