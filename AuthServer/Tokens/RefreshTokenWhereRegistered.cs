using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// A refresh token goes to every client that a person authorized and that registered the grant type, with or without
/// <c>offline_access</c>, which only says whether the grant outlives the session.
/// </summary>
internal sealed class RefreshTokenWhereRegistered(IOpenIddictApplicationManager clients) : IOpenIddictServerHandler<ProcessSignInContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ProcessSignInContext, RefreshTokenWhereRegistered>(OpenIddictServerHandlers.EvaluateGeneratedTokens.Descriptor.Order + 500);

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.EndpointType != OpenIddictServerEndpointType.Token || !TokenPrincipal.IsOfAuthorization(context.Request))
        {
            return;
        }

        var client = await clients.FindByClientIdAsync(context.ClientId!, context.CancellationToken);
        var registered = await clients.HasPermissionAsync(client!, Permissions.GrantTypes.RefreshToken, context.CancellationToken);
        context.GenerateRefreshToken = registered;
        context.IncludeRefreshToken = registered;
    }
}
