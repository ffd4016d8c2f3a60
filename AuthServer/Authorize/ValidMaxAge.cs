using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// <c>max_age</c> is a number of seconds, zero or more (OpenID Connect Core §3.1.2.1). OpenIddict takes what is none for
/// absent, and the application would believe that it was kept.
/// </summary>
internal sealed class ValidMaxAge :
    IOpenIddictServerHandler<ValidateAuthorizationRequestContext>, IOpenIddictServerHandler<ValidatePushedAuthorizationRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ValidateAuthorizationRequestContext, ValidMaxAge>(RegisteredScopes.Descriptor.Order - 1);

    internal static OpenIddictServerHandlerDescriptor WherePushed { get; } =
        Rule.Singleton<ValidatePushedAuthorizationRequestContext, ValidMaxAge>(RegisteredScopes.WherePushed.Order - 1);

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => Check(context, context.Request);

    public ValueTask HandleAsync(ValidatePushedAuthorizationRequestContext context) => Check(context, context.Request);

    private static ValueTask Check(BaseValidatingContext context, OpenIddictRequest request)
    {
        if (!string.IsNullOrEmpty((string?)request.GetParameter(Parameters.MaxAge)) && SignIn.SignInWish.Of(request).MaxAgeSeconds is null)
        {
            context.Reject(Errors.InvalidRequest, "The parameter 'max_age' must be a whole number of seconds, zero or more.");
        }

        return ValueTask.CompletedTask;
    }
}
