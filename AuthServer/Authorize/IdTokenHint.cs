using System.Security.Claims;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// An <c>id_token_hint</c> is an ID token of ours for this client, expired or not (OpenID Connect Core §3.1.2.1).
/// OpenIddict takes any other for absent, and the application would believe that it was kept. The person it names is the
/// one who must be signed in: <see cref="AuthorizeEndpoint"/>.
/// </summary>
internal sealed class IdTokenHint :
    IOpenIddictServerHandler<ValidateAuthorizationRequestContext>, IOpenIddictServerHandler<ValidatePushedAuthorizationRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ValidateAuthorizationRequestContext, IdTokenHint>(OpenIddictServerHandlers.Authentication.ValidateAuthorizedParty.Descriptor.Order - 500);

    internal static OpenIddictServerHandlerDescriptor WherePushed { get; } =
        Rule.Singleton<ValidatePushedAuthorizationRequestContext, IdTokenHint>(OpenIddictServerHandlers.Authentication.ValidatePushedAuthorizedParty.Descriptor.Order - 500);

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context) => Check(context, context.Request, context.IdentityTokenHintPrincipal);

    public ValueTask HandleAsync(ValidatePushedAuthorizationRequestContext context) => Check(context, context.Request, context.IdentityTokenHintPrincipal);

    private static ValueTask Check(BaseValidatingContext context, OpenIddictRequest request, ClaimsPrincipal? hint)
    {
        if (!string.IsNullOrEmpty(request.IdTokenHint) && hint?.GetClaim(Claims.Subject) is null)
        {
            context.Reject(Errors.InvalidRequest, "The id_token_hint is not an ID token of this server.");
        }

        return ValueTask.CompletedTask;
    }
}
