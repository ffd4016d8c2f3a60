using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Tokens;
using McpAspire.AuthServer.Tokens.Liveness;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Exchange;

/// <summary>
/// Who may exchange what (RFC 8693 §2.1): the client of a resource server, proven by its key, an access token of a
/// person whose audience is that resource, for <see cref="ExchangeTarget"/>. OpenIddict's check, which wants the client's
/// id in the token, stays for the other grants.
/// </summary>
internal sealed class SubjectTokenForClient(IOpenIddictApplicationManager clients, ResourceIndicators resources, ExchangeTarget target, LivingGrants living)
    : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    private static readonly OpenIddictServerHandlers.Exchange.ValidateAuthorizedParty Others = new();

    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<ValidateTokenRequestContext, SubjectTokenForClient>(OpenIddictServerHandlers.Exchange.ValidateAuthorizedParty.Descriptor.Order);

    public async ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        if (!context.Request.IsTokenExchangeGrantType())
        {
            await Others.HandleAsync(context);
            return;
        }

        var client = await clients.FindByClientIdAsync(context.ClientId!, context.CancellationToken);
        var profile = await ClientProfile.OfAsync(clients, client!, context.CancellationToken);
        var own = resources.OwnedBy(context.ClientId).ToArray();
        if (own.Length == 0 || profile.AuthenticationMethod != ClientAuthenticationMethods.PrivateKeyJwt)
        {
            context.Reject(Errors.UnauthorizedClient, "Token exchange is for the client of a resource ('Resources:N:Client') that proves itself with a key.");
        }
        else if (!target.IsMeant(context.Request.GetResources()))
        {
            context.Reject(Errors.InvalidTarget, $"Tokens are exchanged for {target.Resource} only.");
        }
        else if (context.Request.GetScopes().Any(scope => scope != ScopeCatalog.ProfileRead))
        {
            context.Reject(Errors.InvalidScope, $"Tokens are exchanged for the scope {ScopeCatalog.ProfileRead} only.");
        }
        else if (!own.Any(resource => context.SubjectTokenPrincipal!.HasAudience(resource.Uri)))
        {
            context.Reject(Errors.InvalidRequest, "The subject_token is not for the resource of this client.");
        }
        else if (TokenPrincipal.IsOfClient(context.SubjectTokenPrincipal!))
        {
            context.Reject(Errors.InvalidRequest, "The subject_token is of no person, so there is no profile to read.");
        }
        else if (!await living.IsLivingAsync(context.SubjectTokenPrincipal!, context.CancellationToken))
        {
            context.Reject(Errors.InvalidRequest, "The authorization of the subject_token has ended. The person must authorize the application again.");
        }
    }
}
