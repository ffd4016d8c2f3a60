using McpAspire.AuthServer.Keys;
using McpAspire.AuthServer.SignIn;
using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.SignOut;

/// <summary>
/// The logout token (OpenID Connect Back-Channel Logout §2.4): RS256 by the key of ID tokens, typ <c>logout+jwt</c>, 2
/// minutes, for one client, about a session or, without <c>sid</c>, about all that the client has of a person.
/// </summary>
internal sealed class LogoutToken(KeyRing keys, PublicUrl issuer, TimeProvider time)
{
    internal const string Type = "logout+jwt";
    internal const string Event = "http://schemas.openid.net/event/backchannel-logout";

    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    internal string For(LogoutNotice notice)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var claims = new Dictionary<string, object>
        {
            [JwtRegisteredClaimNames.Sub] = notice.AccountId,
            // A new one each time: to a client that remembers them, a second delivery is not a replay.
            [JwtRegisteredClaimNames.Jti] = RandomId.New(),
            ["events"] = new Dictionary<string, object> { [Event] = new Dictionary<string, object>() },
        };
        if (notice.SessionId is not null)
        {
            claims[JwtRegisteredClaimNames.Sid] = notice.SessionId;
        }

        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer.Value,
            Audience = notice.Target,
            IssuedAt = now,
            Expires = now + Lifetime,
            TokenType = Type,
            Claims = claims,
            SigningCredentials = keys.Active(KeyUse.IdentityToken),
        });
    }
}
