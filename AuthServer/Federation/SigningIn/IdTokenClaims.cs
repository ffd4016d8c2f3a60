using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>The claims of a JWT that was validated.</summary>
internal static class IdTokenClaims
{
    internal static JsonElement Of(string idToken)
    {
        using var document = JsonDocument.Parse(Base64UrlEncoder.Decode(new JsonWebToken(idToken).EncodedPayload));
        return document.RootElement.Clone();
    }
}
