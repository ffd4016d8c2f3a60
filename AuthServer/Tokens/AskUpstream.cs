using McpAspire.AuthServer.Federation.Refreshing;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Tokens.Liveness;
using Microsoft.AspNetCore;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.Tokens;

/// <summary>
/// Before a refresh token is redeemed, the identity provider has its say on what the grant hangs on. A grant that it
/// ended is <c>invalid_grant</c>; where it can't be asked for too long, nothing is redeemed and the client tries later.
/// </summary>
internal sealed class AskUpstream(UpstreamCheck upstream, Standings standings, Sessions sessions) : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        Rule.Scoped<HandleTokenRequestContext, AskUpstream>(IssueTokens.Descriptor.Order - 100);

    public async ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        if (context.RefreshTokenPrincipal is not { } from
            || await standings.OfAsync(from) is not { Grant: { EndedAt: null } grant } standing)
        {
            // IssueTokens says what is wrong with it.
            return;
        }

        var says = grant.SessionId is null
            ? await upstream.AskAsync(grant, context.CancellationToken)
            : sessions.Lives(standing.Session, standing.Account)
                ? await upstream.AskAsync(standing.Session, context.CancellationToken)
                : ProviderSays.GoOn;
        if (says == ProviderSays.Confirmed)
        {
            // What is known of the person may be newer now.
            standings.Forget();
        }
        else if (says == ProviderSays.Ended)
        {
            context.Reject(Errors.InvalidGrant, "The person's sign-in at their identity provider has ended. They must sign in again.");
        }
        else if (says == ProviderSays.Later)
        {
            context.Reject(
                Errors.TemporarilyUnavailable, "The person's identity provider can't be asked, and has not been for too long. Nothing was redeemed; try again in a minute.");
        }
    }
}

/// <summary>A token request that should come again later is 503, not OAuth's 400, so that clients keep their refresh token.</summary>
internal sealed class UnavailableIs503 : IOpenIddictServerHandler<ApplyTokenResponseContext>
{
    private const string RetryAfterSeconds = "60";

    internal static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ApplyTokenResponseContext>()
            .AddFilter<OpenIddictServerAspNetCoreHandlerFilters.RequireHttpRequest>()
            .UseSingletonHandler<UnavailableIs503>()
            .SetOrder(OpenIddictServerAspNetCoreHandlers.AttachHttpResponseCode<ApplyTokenResponseContext>.Descriptor.Order + 500)
            .Build();

    public ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        if (context.Error == Errors.TemporarilyUnavailable && context.Transaction.GetHttpRequest()?.HttpContext.Response is { } response)
        {
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            response.Headers.RetryAfter = RetryAfterSeconds;
        }

        return ValueTask.CompletedTask;
    }
}
