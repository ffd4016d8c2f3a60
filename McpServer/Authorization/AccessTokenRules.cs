using McpAspire.ServiceDefaults;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.McpServer.Authorization;

/// <summary>What an access token must be for this server to take it (RFC 9068 §4, RFC 8725 §3).</summary>
internal static class AccessTokenRules
{
    /// <summary>The rules.</summary>
    /// <param name="identity">Whose tokens, and for whom.</param>
    /// <param name="time">The clock.</param>
    public static TokenValidationParameters For(ResourceIdentity identity, TimeProvider time) => new()
    {
        ValidIssuer = identity.Issuer,
        ValidAudience = identity.Resource,
        IgnoreTrailingSlashWhenValidatingAudience = false,
        ValidTypes = ["at+jwt", "application/at+jwt"],
        ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256],
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ValidateIssuerSigningKey = true,
        ClockSkew = ClockSkew.Allowed,
        LifetimeValidator = (notBefore, expires, _, _) => CheckLifetime(notBefore, expires, time.GetUtcNow().UtcDateTime),
        NameClaimType = "name",
        RoleClaimType = "roles",
    };

    private static bool CheckLifetime(DateTime? notBefore, DateTime? expires, DateTime now)
    {
        if (expires is null)
        {
            throw new MissingClaimException("exp");
        }

        if (expires < now - ClockSkew.Allowed)
        {
            throw new SecurityTokenExpiredException("Expired.") { Expires = expires.Value };
        }

        return notBefore is null || notBefore <= now + ClockSkew.Allowed
            ? true
            : throw new SecurityTokenNotYetValidException("Not yet valid.") { NotBefore = notBefore.Value };
    }
}
