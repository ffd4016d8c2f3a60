using McpAspire.AuthServer.Tokens;
using McpAspire.AuthServer.Tokens.Liveness;
using McpAspire.ServiceDefaults.PublicUrls;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Introspection;

/// <summary>
/// Says what a living token holds (RFC 7662 §2.2), with the issuer exactly as configured. One whose grant or session has
/// ended is inactive at once, not only when it expires.
/// </summary>
internal sealed class LivingTokenOnly(LivingGrants living, PublicUrl issuer) : IOpenIddictServerHandler<HandleIntrospectionRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<HandleIntrospectionRequestContext, LivingTokenOnly>(OpenIddictServerHandlers.Introspection.AttachApplicationClaims.Descriptor.Order);

    public async ValueTask HandleAsync(HandleIntrospectionRequestContext context)
    {
        var token = context.GenericTokenPrincipal;
        if (!TokenPrincipal.IsOfClient(token) && !await living.IsLivingAsync(token, context.CancellationToken))
        {
            context.Reject(Errors.InvalidToken, "The authorization has ended.");
            return;
        }

        context.Scopes.UnionWith(token.GetScopes());
        // RFC 7662 has no token_usage, and our tokens have no nbf.
        context.TokenUsage = null;
        context.NotBefore = null;
        context.Claims[Claims.Issuer] = issuer.Value;
        context.Claims[TokenPrincipal.GrantId] = token.GetClaim(TokenPrincipal.GrantId);
        context.Claims[TokenPrincipal.Sid] = token.GetClaim(TokenPrincipal.Sid);
        context.Claims[Claims.AuthenticationTime] = TokenPrincipal.AuthTimeOf(token);
    }
}
