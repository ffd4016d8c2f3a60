using System.Collections.Immutable;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Clients;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.EnterpriseManaged;

/// <summary>
/// What an ID-JAG gives (draft-ietf-oauth-identity-assertion-authz-grant §4.4.1): the one resource of ours that it names,
/// if the client may have it, and of its scopes those that the request asks for, the client registered and the resource has. Never more than
/// the provider granted; where it names no resource, the request does, or it is the default as for every other grant.
/// </summary>
internal sealed class GrantedAccess(ResourceIndicators resources, ClientResources allowed, IOpenIddictApplicationManager clients)
{
    /// <summary>The resource; null where it is not clear, none of ours or not for this client.</summary>
    internal async Task<ResourceOptions?> ResourceAsync(IdJag grant, OpenIddictRequest request, CancellationToken cancellationToken)
    {
        var named = request.GetResources().Select(resources.Find).ToArray();
        var granted = grant.Resources is { } some ? some.Select(resources.Find).OfType<ResourceOptions>().Distinct()
            : named.Length == 0 ? [resources.Default]
            : named.OfType<ResourceOptions>().Distinct();
        // The request may choose among several; one that the provider did not name leaves none.
        return granted.Where(resource => named.Length == 0 || named.All(wanted => wanted == resource)).ToArray() is [var one]
            && await allowed.AllowsAsync(request.ClientId!, one, cancellationToken) ? one : null;
    }

    /// <summary>
    /// The scopes, none where nothing is left. What hangs on a sign-in in a browser is not given: there was none here.
    /// </summary>
    internal async Task<ImmutableArray<string>> ScopesAsync(IdJag grant, ResourceOptions resource, OpenIddictRequest request, CancellationToken cancellationToken)
    {
        var client = await clients.FindByClientIdAsync(request.ClientId!, cancellationToken);
        var registered = (await clients.GetPermissionsAsync(client!, cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var granted = grant.Scope is null ? [] : ScopeCatalog.InFull(ScopeCatalog.Parse(grant.Scope));
        var asked = request.GetScopes() is { Length: > 0 } some ? ScopeCatalog.InFull(some) : grant.Scope is null ? ScopeCatalog.Asked([]) : granted;
        return
        [
            .. asked.Where(scope => (grant.Scope is null || granted.Contains(scope))
                && registered.Contains(Permissions.Prefixes.Scope + scope) && resource.Has(scope)
                && scope is not (ScopeCatalog.OpenId or ScopeCatalog.OfflineAccess or ScopeCatalog.ProfileRead)),
        ];
    }
}
