using McpAspire.AuthServer.Audit;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>Writes an audit event for each refused request of a program.</summary>
internal sealed class AuditRefusals(AuditLog audit) : IOpenIddictServerHandler<ProcessErrorContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ProcessErrorContext, AuditRefusals>(OpenIddictServerHandlers.AttachErrorParameters.Descriptor.Order + 500);

    public ValueTask HandleAsync(ProcessErrorContext context)
    {
        if (context.Error is Errors.AuthorizationPending or Errors.SlowDown)
        {
            // A device asks every few seconds; nothing was decided.
            return ValueTask.CompletedTask;
        }

        // An inactive token is an answer, not a refusal.
        var refused = context.EndpointType == OpenIddictServerEndpointType.Introspection
            ? context.Error != Errors.InvalidToken
            : context.EndpointType is OpenIddictServerEndpointType.Token or OpenIddictServerEndpointType.Revocation or OpenIddictServerEndpointType.UserInfo;
        if (refused)
        {
            audit.RequestRefused(context.EndpointType.ToString(), context.Request?.ClientId, context.Error, context.ErrorDescription);
        }

        return ValueTask.CompletedTask;
    }
}
