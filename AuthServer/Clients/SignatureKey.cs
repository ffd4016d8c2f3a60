using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// The keys that a client may prove itself with: RSA of 2048 to 4096 bits, EC on a curve of RFC 7518 §6.2.1.1. Anybody may
/// name a key, and each assertion is verified with one: larger numbers would let a stranger spend our time.
/// </summary>
internal static class SignatureKey
{
    private const int LeastModulus = 2048 / 8;
    private const int MostModulus = 4096 / 8;
    private const int MostExponent = 4;

    /// <summary>What of a key is needed to verify signatures, and nothing else of it: a certificate beside it could hold another key.</summary>
    /// <returns>Null where it is not for signatures, or not such a key.</returns>
    internal static JsonWebKey? Of(JsonWebKey key) => (key.Use, key.Kty) switch
    {
        (not (null or "" or "sig"), _) => null,
        (_, JsonWebAlgorithmsKeyTypes.EllipticCurve) when CoordinateLength(key.Crv) is { } length && Length(key.X) == length && Length(key.Y) == length =>
            new() { Kty = key.Kty, Crv = key.Crv, X = key.X, Y = key.Y, Kid = key.Kid, Alg = key.Alg },
        (_, JsonWebAlgorithmsKeyTypes.RSA) when Length(key.N) is >= LeastModulus and <= MostModulus && Length(key.E) is >= 1 and <= MostExponent =>
            new() { Kty = key.Kty, N = key.N, E = key.E, Kid = key.Kid, Alg = key.Alg },
        _ => null,
    };

    /// <summary>True where signatures of this algorithm may be the key's (RFC 7518 §3.1; RFC 7517 §4.4).</summary>
    internal static bool Fits(JsonWebKey key, string algorithm) =>
        (string.IsNullOrEmpty(key.Alg) || key.Alg == algorithm)
        && (algorithm switch
        {
            SecurityAlgorithms.EcdsaSha256 => key.Crv == JsonWebKeyECTypes.P256,
            SecurityAlgorithms.EcdsaSha384 => key.Crv == JsonWebKeyECTypes.P384,
            SecurityAlgorithms.EcdsaSha512 => key.Crv == JsonWebKeyECTypes.P521,
            SecurityAlgorithms.RsaSha256 or SecurityAlgorithms.RsaSsaPssSha256 => key.Kty == JsonWebAlgorithmsKeyTypes.RSA,
            _ => false,
        });

    private static int? CoordinateLength(string? curve) => curve switch
    {
        JsonWebKeyECTypes.P256 => 32,
        JsonWebKeyECTypes.P384 => 48,
        JsonWebKeyECTypes.P521 => 66,
        _ => null,
    };

    /// <summary>How many bytes a number has; 0 where it is not written in base64url.</summary>
    private static int Length(string? number)
    {
        try
        {
            return string.IsNullOrEmpty(number) ? 0 : Base64UrlEncoder.DecodeBytes(number).Length;
        }
        catch (FormatException)
        {
            return 0;
        }
    }
}
