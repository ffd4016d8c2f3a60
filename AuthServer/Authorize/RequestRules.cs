using System.Collections.Immutable;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// The scopes asked for are ones that the client registered, that may be asked for at all, and that the resource has
/// (RFC 9068 §3), else <c>invalid_scope</c> (RFC 6749 §4.1.2.1); also where they are pushed (RFC 9126 §2.1), a device asks
/// (RFC 8628 §3.1), or a client for itself (RFC 6749 §4.4.2).
/// </summary>
internal sealed class RegisteredScopes(IOpenIddictApplicationManager clients, ResourceIndicators resources) :
    IOpenIddictServerHandler<ValidateAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidatePushedAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateDeviceAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    private const string NeedsRefresh = " For offline_access it must register the grant type refresh_token too.";

    // Before OpenIddict looks at the grants, which calls offline_access without refresh tokens an invalid_request.
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ValidateAuthorizationRequestContext, RegisteredScopes>(OpenIddictServerHandlers.Authentication.ValidateGrantTypePermissions.Descriptor.Order - 100);

    internal static OpenIddictServerHandlerDescriptor WherePushed { get; } =
        Rule.Scoped<ValidatePushedAuthorizationRequestContext, RegisteredScopes>(OpenIddictServerHandlers.Authentication.ValidatePushedGrantTypePermissions.Descriptor.Order - 100);

    internal static OpenIddictServerHandlerDescriptor ForDevices { get; } =
        Rule.Scoped<ValidateDeviceAuthorizationRequestContext, RegisteredScopes>(OpenIddictServerHandlers.Device.ValidateScopePermissions.Descriptor.Order);

    internal static OpenIddictServerHandlerDescriptor ForClientsThemselves { get; } =
        Rule.Scoped<ValidateTokenRequestContext, RegisteredScopes>(OpenIddictServerHandlers.Exchange.ValidateScopePermissions.Descriptor.Order);

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => CheckAsync(context, context.Request, context.CancellationToken);

    public ValueTask HandleAsync(ValidatePushedAuthorizationRequestContext context) => CheckAsync(context, context.Request, context.CancellationToken);

    public ValueTask HandleAsync(ValidateDeviceAuthorizationRequestContext context) => CheckAsync(context, context.Request, context.CancellationToken);

    public ValueTask HandleAsync(ValidateTokenRequestContext context) =>
        context.Request.IsClientCredentialsGrantType() ? CheckAsync(context, context.Request, context.CancellationToken) : ValueTask.CompletedTask;

    private async ValueTask CheckAsync(BaseValidatingContext context, OpenIddictRequest request, CancellationToken cancellationToken)
    {
        var client = await clients.FindByClientIdAsync(request.ClientId!, cancellationToken);
        var registered = (await clients.GetPermissionsAsync(client!, cancellationToken)).ToImmutableHashSet(StringComparer.Ordinal);
        var asked = ScopeCatalog.Asked(request.GetScopes());
        var foreign = asked
            .Where(scope => !registered.Contains(Permissions.Prefixes.Scope + scope) || ScopeCatalog.Of(scope).Consent == ConsentKind.ByExchange).ToArray();
        if (foreign.Length > 0)
        {
            context.Reject(Errors.InvalidScope, $"The application did not register for: {ScopeCatalog.Text(foreign)}.{(foreign.Contains(ScopeCatalog.OfflineAccess) ? NeedsRefresh : null)}");
        }
        else if (resources.Of(request) is { } resource && asked.Where(scope => !resource.Has(scope)).ToArray() is { Length: > 0 } absent)
        {
            context.Reject(Errors.InvalidScope, $"The resource {resource.Uri} does not have: {ScopeCatalog.Text(absent)}. It has: {resource.Scope}.");
        }
    }
}

/// <summary>
/// A request names one resource that we know, or none: then the default is meant (RFC 8707 §2); also where it is pushed,
/// a device asks, or a client for itself. One that is no absolute URL is as unknown as any other, so its error is
/// <c>invalid_target</c> too, not OpenIddict's.
/// </summary>
internal sealed class KnownResource(ResourceIndicators resources) :
    IOpenIddictServerHandler<ValidateAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidatePushedAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateDeviceAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ValidateAuthorizationRequestContext, KnownResource>(OpenIddictServerHandlers.Authentication.ValidateResources.Descriptor.Order);

    internal static OpenIddictServerHandlerDescriptor WherePushed { get; } =
        Rule.Singleton<ValidatePushedAuthorizationRequestContext, KnownResource>(OpenIddictServerHandlers.Authentication.ValidatePushedResources.Descriptor.Order);

    internal static OpenIddictServerHandlerDescriptor ForDevices { get; } =
        Rule.Singleton<ValidateDeviceAuthorizationRequestContext, KnownResource>(OpenIddictServerHandlers.Device.ValidateScopePermissions.Descriptor.Order + 250);

    internal static OpenIddictServerHandlerDescriptor ForClientsThemselves { get; } =
        Rule.Singleton<ValidateTokenRequestContext, KnownResource>(OpenIddictServerHandlers.Exchange.ValidateResources.Descriptor.Order);

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => Check(context, context.Request);

    public ValueTask HandleAsync(ValidatePushedAuthorizationRequestContext context) => Check(context, context.Request);

    public ValueTask HandleAsync(ValidateDeviceAuthorizationRequestContext context) => Check(context, context.Request);

    public ValueTask HandleAsync(ValidateTokenRequestContext context) =>
        context.Request.IsClientCredentialsGrantType() ? Check(context, context.Request) : ValueTask.CompletedTask;

    private ValueTask Check(BaseValidatingContext context, OpenIddictRequest request)
    {
        var named = request.GetResources().Select(resources.Find).Distinct().ToArray();
        if (named.Length > 1)
        {
            context.Reject(Errors.InvalidTarget, "One authorization is for one resource; ask for each in a request of its own.");
        }
        else if (named is [null])
        {
            context.Reject(Errors.InvalidTarget, "The resource is not known to this authorization server.");
        }

        return ValueTask.CompletedTask;
    }
}
