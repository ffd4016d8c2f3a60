using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// Takes the place of OpenIddict's check that a token request names known scopes only (<c>invalid_scope</c>, RFC 6749 §5.2),
/// which makes a manager of stored scopes for each request. Ours are not stored.
/// </summary>
internal sealed class KnownScopes : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Singleton<ValidateTokenRequestContext, KnownScopes>(OpenIddictServerHandlers.Exchange.ValidateScopes.Descriptor.Order);

    public ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        var unknown = context.Request.GetScopes().Where(scope => !context.Options.Scopes.Contains(scope)).ToArray();
        if (unknown.Length > 0)
        {
            context.Reject(Errors.InvalidScope, $"There is no such scope: {string.Join(' ', unknown)}.");
        }

        return ValueTask.CompletedTask;
    }
}
