using McpAspire.AuthServer.Authorize;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// Where a grant begins, the resource that is named, or the default where none is, must be one that this client may
/// have (RFC 8707 §2): else <c>invalid_target</c>. Whether it is known is judged before.
/// </summary>
internal sealed class AllowedResource(ClientResources allowed, ResourceIndicators resources) :
    IOpenIddictServerHandler<ValidateAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidatePushedAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateDeviceAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor AtAuthorize { get; } =
        Rule.Scoped<ValidateAuthorizationRequestContext, AllowedResource>(OpenIddictServerHandlers.Authentication.ValidateResourcePermissions.Descriptor.Order + 500);

    internal static OpenIddictServerHandlerDescriptor AtPushedAuthorization { get; } =
        Rule.Scoped<ValidatePushedAuthorizationRequestContext, AllowedResource>(OpenIddictServerHandlers.Authentication.ValidatePushedResourcePermissions.Descriptor.Order + 500);

    internal static OpenIddictServerHandlerDescriptor AtDeviceAuthorization { get; } =
        Rule.Scoped<ValidateDeviceAuthorizationRequestContext, AllowedResource>(OpenIddictServerHandlers.Device.ValidateScopePermissions.Descriptor.Order + 500);

    /// <summary>At the token endpoint a grant begins where a client asks for itself.</summary>
    internal static OpenIddictServerHandlerDescriptor AtToken { get; } =
        Rule.Scoped<ValidateTokenRequestContext, AllowedResource>(OpenIddictServerHandlers.Exchange.ValidateResourcePermissions.Descriptor.Order + 500);

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => CheckAsync(context, context.ClientId, context.Request);

    public ValueTask HandleAsync(ValidatePushedAuthorizationRequestContext context) => CheckAsync(context, context.ClientId, context.Request);

    public ValueTask HandleAsync(ValidateDeviceAuthorizationRequestContext context) => CheckAsync(context, context.ClientId, context.Request);

    public ValueTask HandleAsync(ValidateTokenRequestContext context) =>
        context.Request.IsClientCredentialsGrantType() ? CheckAsync(context, context.ClientId, context.Request) : ValueTask.CompletedTask;

    private async ValueTask CheckAsync(BaseValidatingContext context, string? clientId, OpenIddictRequest request)
    {
        if (resources.Of(request) is { } resource && !await allowed.AllowsAsync(clientId!, resource, context.CancellationToken))
        {
            context.Reject(Errors.InvalidTarget, $"This application may not have tokens for {resource.Uri}.");
        }
    }
}
