using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;

namespace McpAspire.McpServer.Authorization;

/// <summary>Ties JwtBearer to this server's caller and refusals.</summary>
internal sealed class BearerEvents(ResourceIdentity identity, Refusals refusals) : JwtBearerEvents
{
    /// <inheritdoc />
    public override Task TokenValidated(TokenValidatedContext context)
    {
        context.HttpContext.Features.Set(new CurrentCaller(context.Principal!, (JsonWebToken)context.SecurityToken));
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override Task Challenge(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        return context.AuthenticateFailure switch
        {
            null => refusals.NoTokenAsync(context.HttpContext),
            AuthorizationServerUnavailableException reason => refusals.CannotCheckAsync(context.HttpContext, reason),
            var failure => refusals.InvalidTokenAsync(context.HttpContext, TokenRefusal.Describe(failure, identity)),
        };
    }
}
