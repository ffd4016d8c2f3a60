using McpAspire.AuthServer.Authorize;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Introspection;

/// <summary>
/// Only the client of a resource server may introspect (RFC 7662 §2.1): who is asked of no resource learns nothing, not
/// even whether a token is good. Settings make sure that such a client proves itself.
/// </summary>
internal sealed class ResourceServersOnly(ResourceIndicators resources) : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ProcessAuthenticationContext, ResourceServersOnly>(OpenIddictServerHandlers.ValidateClientCertificate.Descriptor.Order + 500);

    public ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        if (context.EndpointType == OpenIddictServerEndpointType.Introspection && !resources.OwnedBy(context.ClientId).Any())
        {
            context.Reject(Errors.UnauthorizedClient, "Only the client of a resource server may introspect. Name it in the setting 'Resources:N:Client'.");
        }

        return ValueTask.CompletedTask;
    }
}
