using System.Net.Http.Headers;
using System.Text;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Keys;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Federation.Asking;

/// <summary>
/// Proves to a provider who we are: with a secret, or with an assertion that our key signs (RFC 7523 §2.2), whose
/// audience is the issuer alone.
/// </summary>
internal sealed class ClientProof(KeyRing keys, TimeProvider time)
{
    internal const string Post = "client_secret_post";
    internal const string Basic = "client_secret_basic";

    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    internal void AddTo(Provider provider, Dictionary<string, string> form, HttpRequestHeaders headers)
    {
        form["client_id"] = provider.ClientId;
        if (provider.ClientSecret is null)
        {
            form["client_assertion_type"] = AssertionType;
            form["client_assertion"] = Assertion(provider);
        }
        else if (provider.SecretMethod == Post)
        {
            form["client_secret"] = provider.ClientSecret;
        }
        else
        {
            form.Remove("client_id");
            headers.Authorization = new AuthenticationHeaderValue("Basic", Credentials(provider.ClientId, provider.ClientSecret));
        }
    }

    private string Assertion(Provider provider)
    {
        var now = time.GetUtcNow();
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = provider.ClientId,
            Audience = provider.Issuer,
            IssuedAt = now.UtcDateTime,
            Expires = (now + Lifetime).UtcDateTime,
            TokenType = "JWT",
            Claims = new Dictionary<string, object> { ["sub"] = provider.ClientId, ["jti"] = SignIn.RandomId.New() },
            SigningCredentials = keys.Active(KeyUse.ClientAssertion),
        });
    }

    /// <summary>RFC 6749 §2.3.1: both parts are form-encoded first.</summary>
    private static string Credentials(string id, string secret) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(id)}:{Uri.EscapeDataString(secret)}"));
}
