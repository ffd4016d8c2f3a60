using McpAspire.AuthServer.Authorize;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Introspection;

/// <summary>
/// Takes the place of OpenIddict's checks, which want the client's id in the token: a resource server sees access tokens
/// whose audience is its own resource. All others, of any kind, are inactive (RFC 7662 §2.2).
/// </summary>
internal sealed class OwnAudienceOnly(ResourceIndicators resources) : IOpenIddictServerHandler<ValidateIntrospectionRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ValidateIntrospectionRequestContext, OwnAudienceOnly>(OpenIddictServerHandlers.Introspection.ValidateAuthorizedParty.Descriptor.Order);

    public ValueTask HandleAsync(ValidateIntrospectionRequestContext context)
    {
        var token = context.GenericTokenPrincipal!;
        if (!token.HasTokenType(TokenTypeIdentifiers.AccessToken) || !resources.OwnedBy(context.ClientId).Any(resource => token.HasAudience(resource.Uri)))
        {
            context.Reject(Errors.InvalidToken, "The token is not for this resource.");
        }

        return ValueTask.CompletedTask;
    }
}
