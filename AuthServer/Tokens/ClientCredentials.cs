using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Authorize;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// A client asks for itself (RFC 6749 §4.4): the token names no person and hangs on no grant, nothing is written for it,
/// and no refresh token comes with it (§4.4.3). Scopes that are about a person are <c>invalid_scope</c>.
/// </summary>
internal sealed class ClientCredentials(ResourceIndicators resources, AuditLog audit) : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<HandleTokenRequestContext, ClientCredentials>(IssueTokens.Descriptor.Order + 100);

    public ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        if (!context.Request.IsClientCredentialsGrantType())
        {
            return ValueTask.CompletedTask;
        }

        // RegisteredScopes and KnownResource made sure that the client may ask for them.
        var scopes = ScopeCatalog.Asked(context.Request.GetScopes());
        if (scopes.Where(ScopeCatalog.IsAboutPerson).ToArray() is { Length: > 0 } personal)
        {
            context.Reject(Errors.InvalidScope, $"A token without a person can't have: {ScopeCatalog.Text(personal)}.");
            return ValueTask.CompletedTask;
        }

        var resource = resources.Of(context.Request)!.Uri;
        context.Principal = TokenPrincipal.ForClient(context.ClientId!, scopes, resource);
        audit.ClientTokenIssued(context.ClientId!, resource, ScopeCatalog.Text(scopes));
        return ValueTask.CompletedTask;
    }
}
