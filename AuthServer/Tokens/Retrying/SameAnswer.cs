using System.Security.Claims;
using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Grants;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens.Retrying;

/// <summary>
/// Answers a refresh whose token was redeemed less than 10 seconds ago: the same client with the same scope and resource
/// lost its answer or raced itself, and gets the same answer. Anything else is <c>invalid_grant</c> and ends nothing.
/// </summary>
internal sealed class SameAnswer(RefreshAnswers answers, GrantStore grants, IOpenIddictServerDispatcher dispatcher, AuditLog audit)
{
    /// <param name="context">The request, which is answered or rejected.</param>
    /// <param name="clientId">Who asks. It has proved itself by now, and the token is its own.</param>
    /// <param name="presented">The redeemed refresh token.</param>
    internal async Task GiveAsync(BaseValidatingContext context, string? clientId, ClaimsPrincipal presented)
    {
        var request = context.Transaction.Request!;
        var grantId = presented.GetClaim(TokenPrincipal.GrantId)!;
        if (await grants.FindAsync(grantId, context.CancellationToken) is { EndedAt: null }
            && await answers.FindAsync(request.RefreshToken!, context.CancellationToken) is { } answer
            && answer.ClientId == clientId
            && answer.Scope == ScopesOf(request, presented))
        {
            audit.AnsweredAgain(clientId, grantId);
            context.Transaction.Response = answer.Response;
            await dispatcher.DispatchAsync(new ApplyTokenResponseContext(context.Transaction));
            context.HandleRequest();
            return;
        }

        audit.Replay("refresh token", clientId, grantId, ends: false);
        context.Reject(
            Errors.InvalidGrant, "It was used already. Use the refresh token that came with that answer, or let the person authorize the application again.");
    }

    /// <summary>The scopes that a refresh gives, in the order of the catalog.</summary>
    internal static string ScopesOf(OpenIddictRequest request, ClaimsPrincipal presented) =>
        ScopeCatalog.Text(ScopeCatalog.InFull(TokenPrincipal.ScopesOf(request, presented)));
}
