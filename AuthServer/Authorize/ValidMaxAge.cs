using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// <c>max_age</c> is a number of seconds, zero or more (OpenID Connect Core §3.1.2.1). OpenIddict takes what is none for
/// absent, and the application would believe that it was kept.
/// </summary>
internal sealed class ValidMaxAge : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateAuthorizationRequestContext>()
            .UseSingletonHandler<ValidMaxAge>()
            .SetOrder(RegisteredScopes.Descriptor.Order - 1)
            .Build();

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        if (!string.IsNullOrEmpty((string?)context.Request.GetParameter(Parameters.MaxAge)) && SignIn.SignInWish.Of(context.Request).MaxAgeSeconds is null)
        {
            context.Reject(Errors.InvalidRequest, "The parameter 'max_age' must be a whole number of seconds, zero or more.");
        }

        return ValueTask.CompletedTask;
    }
}
