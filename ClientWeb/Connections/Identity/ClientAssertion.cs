using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.ClientWeb.Connections.Identity;

/// <summary>
/// The proof with which this application authenticates (private_key_jwt: RFC 7523 §2.2 and §3; OpenID Connect Core §9).
/// Its audience is the issuer alone and its type is explicit, as the successor draft of RFC 7523 wants.
/// </summary>
internal sealed class ClientAssertion(ClientIdentity identity, ClientKeyStore keys, TimeProvider time)
{
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    /// <summary>The form members that authenticate one request to an authorization server.</summary>
    public async Task<IReadOnlyDictionary<string, string>> CreateAsync(string issuer)
    {
        using var key = await keys.GetAsync();
        var now = time.GetUtcNow().UtcDateTime;
        var assertion = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = "client-authentication+jwt",
            Issuer = identity.ClientId,
            Audience = issuer,
            IssuedAt = now,
            Expires = now + Lifetime,
            Claims = new Dictionary<string, object>
            {
                [JwtRegisteredClaimNames.Sub] = identity.ClientId,
                [JwtRegisteredClaimNames.Jti] = RandomValue.Create(),
            },
            SigningCredentials = key.Credentials,
        });

        return new Dictionary<string, string>
        {
            ["client_id"] = identity.ClientId,
            ["client_assertion_type"] = AssertionType,
            ["client_assertion"] = assertion,
        };
    }
}
