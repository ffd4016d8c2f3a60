using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Clients.RedirectUris;

/// <summary>
/// Takes the place of OpenIddict's check of the redirect URI: <see cref="RedirectUri.Matches"/>, and it is never left out.
/// It comes before the other parameters are looked at, since their errors may go there.
/// </summary>
internal sealed class ExactRedirectUri(IOpenIddictApplicationManager clients) :
    IOpenIddictServerHandler<ValidateAuthorizationRequestContext>, IOpenIddictServerHandler<ValidatePushedAuthorizationRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ValidateAuthorizationRequestContext, ExactRedirectUri>(OpenIddictServerHandlers.Authentication.ValidateRedirectUriParameter.Descriptor.Order + 100);

    internal static OpenIddictServerHandlerDescriptor WherePushed { get; } =
        Rule.Scoped<ValidatePushedAuthorizationRequestContext, ExactRedirectUri>(OpenIddictServerHandlers.Authentication.ValidatePushedClientRedirectUri.Descriptor.Order);

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => CheckAsync(context, context.ClientId!, context.RedirectUri, context.CancellationToken);

    public ValueTask HandleAsync(ValidatePushedAuthorizationRequestContext context) => CheckAsync(context, context.ClientId!, context.RedirectUri, context.CancellationToken);

    private async ValueTask CheckAsync(BaseValidatingContext context, string clientId, string? redirectUri, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(redirectUri))
        {
            context.Reject(Errors.InvalidRequest, "The redirect_uri is missing.");
            return;
        }

        if (!RedirectUri.IsPlain(redirectUri))
        {
            context.Reject(Errors.InvalidRequest, "The redirect_uri has characters that no URI has. Percent-encode them.");
            return;
        }

        var client = await clients.FindByClientIdAsync(clientId, cancellationToken);
        var native = await clients.HasApplicationTypeAsync(client!, ApplicationTypes.Native, cancellationToken);
        var registered = await clients.GetRedirectUrisAsync(client!, cancellationToken);
        if (!registered.Any(uri => RedirectUri.Matches(uri, redirectUri, native)))
        {
            context.Reject(Errors.InvalidRequest, "The redirect_uri is not one that the application registered.");
        }
    }
}
