using System.Text.Json.Nodes;
using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Connections.Discovery;
using McpAspire.ServiceDefaults;

namespace McpAspire.ClientWeb.Sessions.BackChannel;

/// <summary>What a logout token says (OpenID Connect Back-Channel Logout §2.4).</summary>
/// <param name="Issuer">Who says it.</param>
/// <param name="TokenId">Its <c>jti</c>.</param>
/// <param name="Subject">The person, if it says.</param>
/// <param name="SessionId">The session, if it says. There is always one of both.</param>
/// <param name="IssuedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends.</param>
internal sealed record LogoutToken(
    string Issuer, string TokenId, string? Subject, string? SessionId, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
{
    /// <summary>The member of <c>events</c> that makes a token a logout token.</summary>
    public const string Event = "http://schemas.openid.net/event/backchannel-logout";

    /// <summary>Applies the rules of §2.6 about claims that an ID token does not have, or has otherwise.</summary>
    /// <param name="claims">The payload of a token whose signature, issuer, audience and end were found good.</param>
    /// <param name="issuer">Its issuer.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="InvalidTokenException">A rule is broken; the message says which.</exception>
    public static LogoutToken Read(JsonObject claims, string issuer, DateTimeOffset now)
    {
        var issuedAt = Time(claims, "iat");
        if (issuedAt > now + ClockSkew.Allowed)
        {
            throw new InvalidTokenException("its iat lies in the future");
        }

        if (claims["events"] is not JsonObject events || events[Event] is not JsonObject)
        {
            throw new InvalidTokenException($"its events have no object named {Event}");
        }

        // So that an ID token is never taken for a logout token.
        if (claims.ContainsKey("nonce"))
        {
            throw new InvalidTokenException("it has a nonce");
        }

        var (subject, sessionId) = (Name(claims, "sub"), Name(claims, "sid"));
        if (subject is null && sessionId is null)
        {
            throw new InvalidTokenException("it has neither sub nor sid");
        }

        var tokenId = Name(claims, "jti") ?? throw new InvalidTokenException("it has no jti");
        return new LogoutToken(issuer, tokenId, subject, sessionId, issuedAt, Time(claims, "exp"));
    }

    // A sid that can't be read must not make the logout one of all the person's sessions.
    private static string? Name(JsonObject claims, string claim) =>
        claims.ContainsKey(claim) ? claims.Text(claim) ?? throw new InvalidTokenException($"its {claim} is no text") : null;

    private static DateTimeOffset Time(JsonObject claims, string claim) =>
        claims.Number(claim) is { } seconds && seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new InvalidTokenException($"it has no usable {claim}");
}
