using McpAspire.ClientWeb.Connections.Discovery;
using McpAspire.ClientWeb.Connections.Identity;
using McpAspire.ServiceDefaults;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.ClientWeb.Connections.Authorization;

/// <summary>
/// What ID tokens and logout tokens have in common: signed with RS256 by a key of the issuer, made for this
/// application, and not out of date by more than 30 s of skew.
/// </summary>
internal sealed class IssuedToken(ClientIdentity client, TimeProvider time)
{
    public const string Algorithm = SecurityAlgorithms.RsaSha256;

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    /// <summary>Validates the token.</summary>
    /// <exception cref="InvalidTokenException">A rule is broken; the message says which.</exception>
    public async Task<TokenValidationResult> ValidateAsync(
        string token, AuthorizationServerMetadata server, IReadOnlyList<SecurityKey> keys)
    {
        var result = await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidAlgorithms = [Algorithm],
            ValidIssuer = server.Issuer,
            ValidAudience = client.ClientId,
            IssuerSigningKeys = keys,
            TryAllIssuerSigningKeys = false,
            RequireExpirationTime = true,
            LifetimeValidator = IsAlive,
        });
        return result.IsValid ? result : throw new InvalidTokenException(Reason(result.Exception));
    }

    private bool IsAlive(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires > now - ClockSkew.Allowed && (notBefore is null || notBefore <= now + ClockSkew.Allowed);
    }

    // Words of ours: the library's messages quote the token's content.
    private static string Reason(Exception? exception) => exception switch
    {
        SecurityTokenInvalidIssuerException => "its issuer is another",
        SecurityTokenInvalidAudienceException => "it was made for another application",
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNoExpirationException => "it has expired",
        SecurityTokenInvalidAlgorithmException => "it is not signed with RS256",
        SecurityTokenSignatureKeyNotFoundException => "its key is not among the issuer's",
        SecurityTokenInvalidSignatureException => "its signature is wrong",
        _ => "it can't be read",
    };
}

/// <summary>A token is not valid. The message is what is wrong with it, in words that quote nothing of it.</summary>
internal sealed class InvalidTokenException(string reason) : Exception(reason);
