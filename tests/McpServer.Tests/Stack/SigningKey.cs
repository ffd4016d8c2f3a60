using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.McpServer.Tests.Stack;

/// <summary>A signing key of the fake authorization server.</summary>
internal sealed class SigningKey : IDisposable
{
    private readonly ECDsa? _ec;
    private readonly RSA? _rsa;

    private SigningKey(ECDsa? ec, RSA? rsa)
    {
        _ec = ec;
        _rsa = rsa;
    }

    public string Kid { get; } = Guid.NewGuid().ToString("N");

    public string Alg => _ec is null ? "RS256" : "ES256";

    public static SigningKey Es256() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256), null);

    public static SigningKey Rs256() => new(null, RSA.Create(2048));

    public byte[] Sign(string text) => _ec is not null
        ? _ec.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256)
        : _rsa!.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    /// <summary>The public key in the form that an HS256 forger would use as the secret.</summary>
    public byte[] PublicBytes() => Encoding.ASCII.GetBytes(_ec is not null ? _ec.ExportSubjectPublicKeyInfoPem() : _rsa!.ExportSubjectPublicKeyInfoPem());

    public JsonObject ToJwk()
    {
        var jwk = new JsonObject { ["kid"] = Kid, ["use"] = "sig", ["alg"] = Alg };
        if (_ec is not null)
        {
            var point = _ec.ExportParameters(false).Q;
            jwk["kty"] = "EC";
            jwk["crv"] = "P-256";
            jwk["x"] = Base64UrlEncoder.Encode(point.X);
            jwk["y"] = Base64UrlEncoder.Encode(point.Y);
        }
        else
        {
            var numbers = _rsa!.ExportParameters(false);
            jwk["kty"] = "RSA";
            jwk["n"] = Base64UrlEncoder.Encode(numbers.Modulus);
            jwk["e"] = Base64UrlEncoder.Encode(numbers.Exponent);
        }

        return jwk;
    }

    public void Dispose()
    {
        _ec?.Dispose();
        _rsa?.Dispose();
    }
}
