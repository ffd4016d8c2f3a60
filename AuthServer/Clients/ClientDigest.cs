using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// What a remembered consent rests on: where the client's codes go, and the keys by which it is known (their thumbprints,
/// RFC 7638, or where they are).
/// </summary>
internal static class ClientDigest
{
    internal static string Of(IEnumerable<string> redirectUris, JsonWebKeySet? keys, string? jwksUri)
    {
        var prints = keys?.Keys.Select(key => Convert.ToHexString(key.ComputeJwkThumbprint())) ?? [];
        string[] lines = [.. redirectUris.Order(StringComparer.Ordinal), string.Empty, .. prints.Order(StringComparer.Ordinal), string.Empty, jwksUri ?? string.Empty];
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
    }
}
