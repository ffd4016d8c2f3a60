using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.SignIn;

/// <summary>Makes ids that can't be guessed (128 bits) and that never look like URLs.</summary>
internal static class RandomId
{
    internal static string New() => Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(16));
}
