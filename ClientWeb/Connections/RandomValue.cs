using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace McpAspire.ClientWeb.Connections;

/// <summary>Values that nobody can guess: 256 random bits in base64url, 43 characters.</summary>
internal static class RandomValue
{
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The SHA-256 of a value, in base64url: names a record without holding the value.</summary>
    public static string Hash(string value) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    /// <summary>Compares in constant time.</summary>
    public static bool AreSame(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));
}
