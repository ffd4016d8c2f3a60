using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Clients;

/// <summary>Takes the place of OpenIddict's check of the redirect URI: <see cref="RedirectUri.Matches"/>, and it is never left out.</summary>
internal sealed class ExactRedirectUri(IOpenIddictApplicationManager clients) : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateAuthorizationRequestContext>()
            .UseScopedHandler<ExactRedirectUri>()
            .SetOrder(OpenIddictServerHandlers.Authentication.ValidateClientRedirectUri.Descriptor.Order)
            .Build();

    public async ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        if (string.IsNullOrEmpty(context.RedirectUri))
        {
            context.Reject(Errors.InvalidRequest, "The redirect_uri is missing.");
            return;
        }

        var client = await clients.FindByClientIdAsync(context.ClientId!, context.CancellationToken);
        var native = await clients.HasApplicationTypeAsync(client!, ApplicationTypes.Native, context.CancellationToken);
        var registered = await clients.GetRedirectUrisAsync(client!, context.CancellationToken);
        if (!registered.Any(uri => RedirectUri.Matches(uri, context.RedirectUri, native)))
        {
            context.Reject(Errors.InvalidRequest, "The redirect_uri is not one that the application registered.");
        }
    }
}
