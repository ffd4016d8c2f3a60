using McpAspire.AuthServer.Clients.Assertions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Clients;

/// <summary>Brings in the client of a request, from its metadata document if need be, before OpenIddict looks for it.</summary>
internal sealed class FindClient(ClientDirectory directory) : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessAuthenticationContext>()
            .UseScopedHandler<FindClient>()
            .SetOrder(OpenIddictServerHandlers.ValidateRequiredTokens.Descriptor.Order + 500)
            .Build();

    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        var clientId = context.ClientId ?? IssuerOf(context.ClientAssertion);
        if (string.IsNullOrEmpty(clientId) || context.EndpointType == OpenIddictServerEndpointType.UserInfo)
        {
            return;
        }

        try
        {
            await directory.FindAsync(clientId, context.CancellationToken);
        }
        catch (ClientRefusedException exception)
        {
            context.Reject(Errors.InvalidClient, exception.Message);
        }
    }

    /// <summary>Who an assertion says it is from; it proves nothing yet.</summary>
    private static string? IssuerOf(string? assertion) => assertion is null ? null : UnreadToken.Of(assertion)?.Issuer;
}
