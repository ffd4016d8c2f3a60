using System.Globalization;
using McpAspire.McpServer.Revocation;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.McpServer.Authorization;

/// <summary>
/// Says why a token was refused, in words that a developer can act on. They quote our own configuration and times,
/// never the token. Only characters that RFC 6750 §3 allows in <c>error_description</c>.
/// </summary>
internal static class TokenRefusal
{
    /// <summary>The reason for one failure.</summary>
    /// <param name="failure">What validation threw.</param>
    /// <param name="identity">Whose tokens are accepted, and for whom.</param>
    public static string Describe(Exception failure, ResourceIdentity identity) => failure switch
    {
        SecurityTokenExpiredException expired => $"The access token expired at {Iso(expired.Expires)}. Get a new one.",
        SecurityTokenNotYetValidException early => $"The access token is not valid before {Iso(early.NotBefore)}. Check the clocks.",
        SecurityTokenInvalidIssuerException => $"The access token is of another issuer. This server takes tokens of {identity.Issuer} only.",
        SecurityTokenInvalidAudienceException =>
            $"The access token is for another audience. Ask for one with resource={identity.Resource}.",
        SecurityTokenInvalidTypeException => "This is not an access token: its header must say typ at+jwt. ID tokens are not taken.",
        SecurityTokenInvalidAlgorithmException => "The access token must be signed with ES256 or RS256.",
        SecurityTokenSignatureKeyNotFoundException => "The access token is signed with a key that the authorization server does not publish.",
        SecurityTokenInvalidSignatureException => "The signature of the access token is wrong.",
        TokenRevokedException => "The authorization that the access token came from was ended. Ask for a new authorization.",
        MissingClaimException missing => $"The access token has no {missing.Claim} claim.",
        SecurityTokenMalformedException or ArgumentException => "The access token is not a JWT.",
        _ => "The access token is not valid here.",
    };

    private static string Iso(DateTime utc) => utc.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
