using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// Parameters are sent once (RFC 6749 §3.1), only <c>resource</c> may repeat (RFC 8707 §2), and none is longer than
/// its limit. Applies to every request that carries parameters; those that are stored have a limit in all. At the authorization endpoint those that say where an
/// answer goes come first; a fault in the others may go to the client.
/// </summary>
internal sealed class ParameterLimits(ParameterFaults faults) :
    IOpenIddictServerHandler<ValidateAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidatePushedAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateDeviceAuthorizationRequestContext>,
    IOpenIddictServerHandler<ValidateTokenRequestContext>,
    IOpenIddictServerHandler<ValidateIntrospectionRequestContext>,
    IOpenIddictServerHandler<ValidateRevocationRequestContext>,
    IOpenIddictServerHandler<ValidateEndSessionRequestContext>
{
    /// <summary>The order: nothing else looks at a request before.</summary>
    internal const int First = int.MinValue + 1000;

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => Check(context, faults.OfWhereTheAnswerGoes(context.Request));

    public ValueTask HandleAsync(ValidatePushedAuthorizationRequestContext context) => Check(context, faults.OfStored(context.Request));

    public ValueTask HandleAsync(ValidateDeviceAuthorizationRequestContext context) => Check(context, faults.OfStored(context.Request));

    public ValueTask HandleAsync(ValidateTokenRequestContext context) => Check(context, faults.Of(context.Request));

    public ValueTask HandleAsync(ValidateIntrospectionRequestContext context) => Check(context, faults.Of(context.Request));

    public ValueTask HandleAsync(ValidateRevocationRequestContext context) => Check(context, faults.Of(context.Request));

    public ValueTask HandleAsync(ValidateEndSessionRequestContext context) => Check(context, faults.Of(context.Request));

    private static ValueTask Check(BaseValidatingContext context, string? fault)
    {
        if (fault is not null)
        {
            context.Reject(Errors.InvalidRequest, fault);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The other parameters of an authorization request, once the redirect URI is known to be good.</summary>
    internal sealed class Others(ParameterFaults faults) : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>
    {
        internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
            Rule.Singleton<ValidateAuthorizationRequestContext, Others>(ValidRedirect.Descriptor.Order + 50);

        public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => Check(context, faults.OfStored(context.Request));
    }
}
