using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Clients.Assertions;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tokens;
using McpAspire.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.EnterpriseManaged;

/// <summary>
/// Redeems an ID-JAG (RFC 7523 §2.1) once, for a client that proved itself, into an access token of the account that the
/// provider's sign-in made or was linked to. None is made here.
/// </summary>
internal sealed class IssueByIdJag(
    IdJagRules rules, GrantedAccess access, UsedAssertions used, IOpenIddictApplicationManager clients, AuthDbContext database, GrantStore grants, TimeProvider time)
    : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<HandleTokenRequestContext, IssueByIdJag>(IssueTokens.Descriptor.Order + 300);

    public async ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        if (context.Request.GrantType != IdJag.GrantType)
        {
            return;
        }

        var client = await clients.FindByClientIdAsync(context.ClientId!, context.CancellationToken);
        if (!(await ClientProfile.OfAsync(clients, client!, context.CancellationToken)).ProvesItself)
        {
            context.Reject(Errors.UnauthorizedClient, "An assertion is redeemed only for a client that proves itself.");
        }
        else if (context.Request.Assertion is not { Length: > 0 } assertion)
        {
            context.Reject(Errors.InvalidRequest, "The parameter 'assertion' is missing.");
        }
        else
        {
            await RedeemAsync(context, assertion);
        }
    }

    private async Task RedeemAsync(HandleTokenRequestContext context, string assertion)
    {
        var (grant, fault) = await ReadAsync(context, assertion);
        if (grant is null)
        {
            context.Reject(
                fault is null ? Errors.TemporarilyUnavailable : Errors.InvalidGrant,
                fault ?? "The identity provider's keys can't be had now. Nothing was redeemed; try again in a minute.");
            return;
        }

        if (await access.ResourceAsync(grant, context.Request, context.CancellationToken) is not { } resource)
        {
            context.Reject(Errors.InvalidTarget, "The assertion, or where it names none the request, must name one resource of this server that the client may have.");
            return;
        }

        var scopes = await access.ScopesAsync(grant, resource, context.Request, context.CancellationToken);
        if (scopes.IsEmpty)
        {
            context.Reject(Errors.InvalidScope, "Of the scopes in the assertion none may be given to this client for that resource.");
            return;
        }

        if (await AccountOfAsync(grant, context.CancellationToken) is not { } account)
        {
            context.Reject(Errors.InvalidGrant, "The person is not known here, or is disabled. They must sign in here with that identity provider once.");
            return;
        }

        // Last, so that an assertion that was refused for something else is not used up.
        if (!await used.TryUseAsync("id-jag " + grant.Provider.Issuer, grant.TokenId, grant.ExpiresAt - time.GetUtcNow() + ClockSkew.Allowed + ClockSkew.Allowed))
        {
            context.Reject(Errors.InvalidGrant, "The assertion was used before. Ask the identity provider for a new one.");
            return;
        }

        var known = await grants.FindOfProviderAsync(account.Id, context.ClientId!, resource.Uri, grant.Provider.Key, context.CancellationToken);
        context.Transaction.SetProperty(typeof(IdJag).FullName!, grant);
        context.Principal = TokenPrincipal.ForIdJag(account, known?.Id ?? RandomId.New(), grant.AuthenticatedAt?.ToUnixTimeSeconds(), scopes, resource.Uri);
        context.Parameters[Parameters.Scope] = ScopeCatalog.Text(scopes);
        context.Parameters[Parameters.Resource] = resource.Uri;
    }

    private async Task<(IdJag? Grant, string? Fault)> ReadAsync(HandleTokenRequestContext context, string assertion)
    {
        try
        {
            return await rules.ReadAsync(assertion, context.ClientId!, context.CancellationToken);
        }
        catch (ProviderException)
        {
            return (null, null);
        }
    }

    private async Task<Account?> AccountOfAsync(IdJag grant, CancellationToken cancellationToken)
    {
        var link = await database.Links.AsNoTracking()
            .FirstOrDefaultAsync(row => row.Provider == grant.Provider.Key && row.Subject == grant.Subject, cancellationToken);
        return link is null
            ? null
            : await database.Accounts.AsNoTracking().FirstOrDefaultAsync(account => account.Id == link.AccountId && account.DisabledAt == null, cancellationToken);
    }
}
