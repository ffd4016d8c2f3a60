using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Connections.Discovery;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.ClientWeb.Sessions.BackChannel;

/// <summary>
/// Validates a logout token (OpenID Connect Back-Channel Logout §2.6) of the home server's authorization server. What
/// the token itself can tell is judged first: nobody is asked anything because of a token of another type or issuer.
/// That a token was used before is the business of <see cref="Logouts"/>.
/// </summary>
internal sealed class LogoutTokenValidator(SignInPlace place, IssuerKeys keys, IssuedToken issued, TimeProvider time)
{
    /// <summary>The header's <c>typ</c>. It is only recommended by §2.4, and wanted here: it keeps kinds of tokens apart (RFC 8725 §3.11).</summary>
    public const string Type = "logout+jwt";

    /// <summary>Judges a token.</summary>
    /// <exception cref="InvalidTokenException">A rule is broken; the message says which.</exception>
    /// <exception cref="ConnectionException">It can't be judged now: the issuer or its keys are not known.</exception>
    public async Task<LogoutToken> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        var jwt = Parse(token);
        if (jwt.Typ != Type)
        {
            throw new InvalidTokenException($"its typ is not {Type}");
        }

        if (jwt.Alg != IssuedToken.Algorithm)
        {
            throw new InvalidTokenException($"it is not signed with {IssuedToken.Algorithm}");
        }

        var server = await place.FindLastKnownAsync(cancellationToken);
        if (!string.Equals(jwt.Issuer, server.Issuer, StringComparison.Ordinal))
        {
            throw new InvalidTokenException("its issuer is another");
        }

        await issued.ValidateAsync(token, server, await keys.FindAsync(server, jwt.Kid, cancellationToken));
        var claims = MetadataReader.ParseObject(Base64UrlEncoder.DecodeBytes(jwt.EncodedPayload)) ?? throw Unreadable();
        return LogoutToken.Read(claims, server.Issuer, time.GetUtcNow());
    }

    private static JsonWebToken Parse(string token)
    {
        try
        {
            return new JsonWebToken(token);
        }
        catch (ArgumentException)
        {
            throw Unreadable();
        }
    }

    private static InvalidTokenException Unreadable() => new("it can't be read");
}
