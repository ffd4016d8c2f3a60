using System.Runtime.CompilerServices;
using McpAspire.McpServer.Revocation;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;

namespace McpAspire.McpServer.Authorization;

/// <summary>Ties JwtBearer to this server's caller and refusals.</summary>
internal sealed class BearerEvents(ResourceIdentity identity, Refusals refusals, RevocationMirror revocations, RevocationSettings settings) : JwtBearerEvents
{
    // A remembered token comes again as the same object, and so does its caller.
    private readonly ConditionalWeakTable<JsonWebToken, CurrentCaller> _callers = [];

    /// <inheritdoc />
    public override Task TokenValidated(TokenValidatedContext context)
    {
        var caller = _callers.GetValue((JsonWebToken)context.SecurityToken, static token => new CurrentCaller(token));
        context.HttpContext.Features.Set(caller);
        if (revocations.Ends(caller))
        {
            context.Fail(new TokenRevokedException());
        }
        else if (!revocations.IsFresh && !settings.OpenToolsGoOn)
        {
            context.Fail(new RevocationsUnknownException());
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override Task Challenge(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        return context.AuthenticateFailure switch
        {
            null => refusals.NoTokenAsync(context.HttpContext),
            AuthorizationServerUnavailableException reason => refusals.CannotCheckAsync(context.HttpContext, reason.Message),
            RevocationsUnknownException reason => refusals.CannotCheckAsync(context.HttpContext, reason.Message),
            var failure => refusals.InvalidTokenAsync(context.HttpContext, TokenRefusal.Describe(failure, identity)),
        };
    }
}
