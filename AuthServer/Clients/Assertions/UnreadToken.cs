using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Clients.Assertions;

/// <summary>A JWT of which nothing is proven yet: only what it says it is.</summary>
internal static class UnreadToken
{
    /// <summary>Null where it is no signed JWT: its parts may be no JSON, and an encrypted one has no claims to look at.</summary>
    internal static JsonWebToken? Of(string token)
    {
        try
        {
            return new JsonWebToken(token) is { IsEncrypted: false } read ? read : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or SecurityTokenException)
        {
            return null;
        }
    }
}
