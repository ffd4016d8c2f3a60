using System.Security.Claims;
using McpAspire.AuthServer.Exchange;
using McpAspire.AuthServer.Keys;
using McpAspire.AuthServer.Tokens.Liveness;
using McpAspire.ServiceDefaults;
using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.AccountApi;

/// <summary>The access tokens that this server takes as a resource server (RFC 9068 §4): its own, for its account resource, living.</summary>
internal sealed class AccountTokens(KeyRing keys, PublicUrl issuer, ExchangeTarget target, LivingGrants living, TimeProvider time)
{
    /// <returns>What the token says, or null where it is not good.</returns>
    internal async Task<ClaimsPrincipal?> ReadAsync(string token, CancellationToken cancellationToken)
    {
        var result = await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = issuer.Value,
            ValidAudience = target.Resource,
            IgnoreTrailingSlashWhenValidatingAudience = false,
            ValidTypes = ["at+jwt"],
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            IssuerSigningKeys = keys.Signing.Select(credentials => credentials.Key),
            LifetimeValidator = (_, expires, _, _) => expires + ClockSkew.Allowed > time.GetUtcNow().UtcDateTime,
        });
        return result.IsValid && new ClaimsPrincipal(result.ClaimsIdentity) is var principal && await living.IsLivingAsync(principal, cancellationToken)
            ? principal
            : null;
    }
}
