using McpAspire.AuthServer.Clients.Assertions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Clients;

/// <summary>Brings in the client of a request, from its metadata document if need be, before OpenIddict looks for it.</summary>
internal sealed class FindClient(ClientDirectory directory) : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ProcessAuthenticationContext, FindClient>(OpenIddictServerHandlers.ValidateRequiredTokens.Descriptor.Order + 500);

    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        var clientId = context.ClientId ?? IssuerOf(context.ClientAssertion);
        if (string.IsNullOrEmpty(clientId) || context.EndpointType == OpenIddictServerEndpointType.UserInfo)
        {
            return;
        }

        try
        {
            if (await directory.FindAsync(clientId, context.CancellationToken) is null)
            {
                context.Reject(
                    ErrorAt(context.EndpointType),
                    "No client has this client_id. If the client registered itself, its registration was not used for long and is forgotten: register again.");
            }
        }
        catch (ClientRefusedException exception)
        {
            context.Transaction.SetProperty(typeof(ClientRefusedException).FullName!, exception);
            context.Reject(Errors.InvalidClient, exception.Message);
        }
    }

    /// <summary>RFC 6749 §4.1.2.1 has no error for it where a browser asks; §5.2 has.</summary>
    private static string ErrorAt(OpenIddictServerEndpointType endpoint) =>
        endpoint is OpenIddictServerEndpointType.Authorization or OpenIddictServerEndpointType.EndSession ? Errors.InvalidRequest : Errors.InvalidClient;

    /// <summary>True where the client of this request was refused for what may be over in a minute.</summary>
    internal static bool MayPass(HttpContext context) =>
        context.Features.Get<OpenIddictServerAspNetCoreFeature>()?.Transaction?
            .GetProperty<ClientRefusedException>(typeof(ClientRefusedException).FullName!)?.MayPass == true;

    /// <summary>Who an assertion says it is from; it proves nothing yet.</summary>
    private static string? IssuerOf(string? assertion) => assertion is null ? null : UnreadToken.Of(assertion)?.Issuer;
}
