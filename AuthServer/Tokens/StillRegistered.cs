using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Clients;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// What was granted is judged by what the client may have now: for a resource that was closed to it, or is gone, there is
/// no token (<c>invalid_target</c>, RFC 8707 §2), and a scope that it or the resource lost is left out (RFC 6749 §3.3).
/// Nothing is redeemed where it is refused.
/// </summary>
internal sealed class StillRegistered(IOpenIddictApplicationManager clients, ResourceIndicators resources) : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ValidateTokenRequestContext, StillRegistered>(NarrowOnly.Descriptor.Order - 100);

    public async ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        var granted = context.AuthorizationCodePrincipal ?? context.DeviceCodePrincipal ?? context.RefreshTokenPrincipal;
        if (granted is null || await clients.FindByClientIdAsync(context.ClientId!, context.CancellationToken) is not { } client)
        {
            return;
        }

        if (resources.Find(granted.GetResources()[0]) is not { } resource
            || !ClientResources.Allows(await ClientProfile.OfAsync(clients, client, context.CancellationToken), resource))
        {
            context.Reject(Errors.InvalidTarget, "This application may no longer have tokens for that resource.");
            return;
        }

        var registered = ClientPermissions.Named(await clients.GetPermissionsAsync(client, context.CancellationToken), Permissions.Prefixes.Scope);
        var scopes = granted.GetScopes().Intersect(registered, StringComparer.Ordinal).Where(resource.Has).ToArray();
        if (scopes.Length == 0)
        {
            context.Reject(Errors.InvalidScope, "Of the scopes that were granted, the application or the resource has none any more.");
        }
        else if (scopes.Length < granted.GetScopes().Length)
        {
            granted.SetScopes(scopes);
        }
    }
}
