using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Exchange;

/// <summary>A subject token that is not good is <c>invalid_request</c> (RFC 8693 §2.2.2), where OpenIddict says <c>invalid_grant</c>.</summary>
internal sealed class InvalidSubjectToken : IOpenIddictServerHandler<ApplyTokenResponseContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ApplyTokenResponseContext, InvalidSubjectToken>(OpenIddictServerHandlers.Exchange.NormalizeErrorResponse.Descriptor.Order + 500);

    public ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        if (context.Request?.IsTokenExchangeGrantType() == true && context.Response.Error is Errors.InvalidGrant or Errors.InvalidToken)
        {
            context.Response.Error = Errors.InvalidRequest;
        }

        return ValueTask.CompletedTask;
    }
}
