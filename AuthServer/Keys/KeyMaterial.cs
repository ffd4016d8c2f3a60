using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Keys;

/// <summary>Makes the secret part of a key and reads it back.</summary>
internal static class KeyMaterial
{
    /// <summary>A256CBC-HS512 (RFC 7518 §5.2.5) takes one key for both its parts.</summary>
    internal const int EncryptionBits = 512;

    private const int RsaBits = 2048;

    // HS256 wants as many as its hash has (RFC 7518 §3.2).
    private const int HmacBytes = 32;
    private const int KidBytes = 16;

    internal static string NewKid() => Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(KidBytes));

    internal static byte[] Create(KeyUse use)
    {
        switch (use)
        {
            case KeyUse.AccessToken or KeyUse.ClientAssertion:
                using (var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                {
                    return ec.ExportPkcs8PrivateKey();
                }

            case KeyUse.IdentityToken:
                using (var rsa = RSA.Create(RsaBits))
                {
                    return rsa.ExportPkcs8PrivateKey();
                }

            default:
                return RandomNumberGenerator.GetBytes(use == KeyUse.Encryption ? EncryptionBits / 8 : HmacBytes);
        }
    }

    internal static SecurityKey Read(KeyUse use, string kid, byte[] secret)
    {
        switch (use)
        {
            case KeyUse.AccessToken or KeyUse.ClientAssertion:
                var ec = ECDsa.Create();
                ec.ImportPkcs8PrivateKey(secret, out _);
                return new ECDsaSecurityKey(ec) { KeyId = kid };

            case KeyUse.IdentityToken:
                var rsa = RSA.Create();
                rsa.ImportPkcs8PrivateKey(secret, out _);
                return new RsaSecurityKey(rsa) { KeyId = kid };

            default:
                return new SymmetricSecurityKey(secret) { KeyId = kid };
        }
    }
}
