using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.Bench;

/// <summary>A client of the benchmark: with a secret in the form (client_secret_post), or with a key (private_key_jwt, ES256).</summary>
internal sealed class BenchClient(string id, string issuer, bool withKey)
{
    internal const string Secret = "the secret of the benchmark, 32 characters or more";

    private static readonly ECDsaSecurityKey Key = new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = "bench" };
    private static readonly SigningCredentials Credentials = new(Key, SecurityAlgorithms.EcdsaSha256);
    private static readonly JsonWebTokenHandler Tokens = new() { SetDefaultTimesOnTokenCreation = false };

    internal string Id => id;

    internal static string PublicKeys
    {
        get
        {
            var point = Key.ECDsa.ExportParameters(false).Q;
            return JsonSerializer.Serialize(new
            {
                keys = new[] { new { kty = "EC", crv = "P-256", use = "sig", alg = "ES256", kid = Key.KeyId, x = Base64UrlEncoder.Encode(point.X), y = Base64UrlEncoder.Encode(point.Y) } },
            });
        }
    }

    /// <summary>A request's form.</summary>
    internal Dictionary<string, string> Form(string grantType, IReadOnlyDictionary<string, string> extra, params (string Key, string Value)[] fields)
    {
        var form = new Dictionary<string, string>(extra) { ["grant_type"] = grantType, ["client_id"] = id };
        foreach (var (key, value) in fields)
        {
            form[key] = value;
        }

        if (withKey)
        {
            form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            form["client_assertion"] = Assertion();
        }
        else
        {
            form["client_secret"] = Secret;
        }

        return form;
    }

    private string Assertion()
    {
        var now = DateTime.UtcNow;
        return Tokens.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = id,
            Audience = issuer,
            IssuedAt = now,
            Expires = now.AddMinutes(1),
            Claims = new Dictionary<string, object> { ["sub"] = id, ["jti"] = Guid.NewGuid().ToString("N") },
            SigningCredentials = Credentials,
        });
    }
}
