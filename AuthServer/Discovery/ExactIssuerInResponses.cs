using McpAspire.ServiceDefaults.PublicUrls;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Discovery;

/// <summary><c>iss</c> in authorization responses, errors included (RFC 9207 §2), exactly as in the metadata.</summary>
internal sealed class ExactIssuerInResponses(PublicUrl issuer) : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ApplyAuthorizationResponseContext>()
            .UseSingletonHandler<ExactIssuerInResponses>()
            .SetOrder(OpenIddictServerHandlers.Authentication.AttachIssuer.Descriptor.Order + 500)
            .Build();

    public ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
    {
        if (!string.IsNullOrEmpty(context.Response.Iss))
        {
            context.Response.Iss = issuer.Value;
        }

        return ValueTask.CompletedTask;
    }
}
