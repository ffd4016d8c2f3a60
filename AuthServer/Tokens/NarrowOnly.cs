using McpAspire.AuthServer.Authorize;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// A token request may narrow what was granted, never widen it: <c>resource</c> (RFC 8707 §2.2) and <c>scope</c>
/// (RFC 6749 §6) must lie within the grant.
/// </summary>
internal sealed class NarrowOnly(ResourceIndicators resources) : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ValidateTokenRequestContext, NarrowOnly>(OpenIddictServerHandlers.Exchange.ValidateGrantedScopes.Descriptor.Order - 500);

    public ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        var granted = context.AuthorizationCodePrincipal ?? context.DeviceCodePrincipal ?? context.RefreshTokenPrincipal;
        if (granted is null)
        {
            return ValueTask.CompletedTask;
        }

        var named = context.Request.GetResources().Select(resources.Find).Distinct().ToArray();
        if (named.Length > 1)
        {
            context.Reject(Errors.InvalidTarget, "A token is for one resource; send one 'resource' only.");
        }
        else if (named is [var resource] && (resource is null || !granted.GetResources().Contains(resource.Uri)))
        {
            context.Reject(Errors.InvalidTarget, "The resource is not the one that was granted.");
        }
        else if (context.Request.IsRefreshTokenGrantType() && context.Request.GetScopes() is { Length: > 0 } scopes)
        {
            if (scopes.Except(granted.GetScopes()).Any())
            {
                context.Reject(Errors.InvalidScope, "The scope is wider than what was granted.");
            }
            else
            {
                context.Request.Scope = ScopeCatalog.Text(ScopeCatalog.InFull(scopes).Intersect(granted.GetScopes()));
            }
        }

        return ValueTask.CompletedTask;
    }
}
