using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.ClientWeb.Connections.Identity;

/// <summary>The key with which this application proves who it is: ES256, named by its thumbprint (RFC 7638).</summary>
internal sealed class ClientKey : IDisposable
{
    public const string Algorithm = SecurityAlgorithms.EcdsaSha256;

    private readonly ECDsa _key;

    private ClientKey(ECDsa key)
    {
        _key = key;
        var parameters = key.ExportParameters(includePrivateParameters: false);
        Public = new JsonWebKey
        {
            Kty = JsonWebAlgorithmsKeyTypes.EllipticCurve,
            Crv = JsonWebKeyECTypes.P256,
            X = Base64UrlEncoder.Encode(parameters.Q.X),
            Y = Base64UrlEncoder.Encode(parameters.Q.Y),
            Use = JsonWebKeyUseNames.Sig,
            Alg = Algorithm,
        };
        Public.KeyId = Base64UrlEncoder.Encode(Public.ComputeJwkThumbprint());
    }

    /// <summary>The public half.</summary>
    public JsonWebKey Public { get; }

    /// <summary>Signs with the private half.</summary>
    public SigningCredentials Credentials => new(
        new ECDsaSecurityKey(_key)
        {
            KeyId = Public.KeyId,
            CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
        },
        Algorithm);

    public static ClientKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    public static ClientKey Import(ReadOnlySpan<byte> pkcs8)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        return new ClientKey(key);
    }

    public byte[] Export() => _key.ExportPkcs8PrivateKey();

    public void Dispose() => _key.Dispose();
}
