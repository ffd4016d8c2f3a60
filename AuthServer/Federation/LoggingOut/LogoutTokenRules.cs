using System.Text.Json;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.SigningIn;
using McpAspire.AuthServer.SignOut;
using McpAspire.ServiceDefaults;
using Microsoft.IdentityModel.JsonWebTokens;

namespace McpAspire.AuthServer.Federation.LoggingOut;

/// <summary>What a valid logout token says.</summary>
internal sealed record UpstreamLogout(string? Subject, string? Sid, string TokenId, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt);

/// <summary>Validates a provider's logout token (OpenID Connect Back-Channel Logout §2.6).</summary>
internal sealed class LogoutTokenRules(ProviderDirectory directory, TimeProvider time)
{
    private const int LongestId = 256;

    /// <returns>What it says, or what is wrong with it.</returns>
    /// <exception cref="ProviderException">The provider's keys can't be had.</exception>
    internal async Task<(UpstreamLogout? Logout, string? Fault)> ReadAsync(Provider provider, string token, CancellationToken cancellationToken)
    {
        var validated = await new ProviderTokens(provider, directory.MetadataOf(provider), time).ValidateAsync(token, cancellationToken);
        if (!validated.IsValid || validated.SecurityToken is not JsonWebToken jwt)
        {
            return (null, "The logout token is not signed by this provider for us, or has expired.");
        }

        // Some providers name no type, or the general one; what tells a logout token from an ID token is its event.
        if (jwt.Typ is not (null or "" or "JWT" or "logout+jwt"))
        {
            return (null, "The token's typ is not that of a logout token.");
        }

        var claims = IdTokenClaims.Of(token);
        var subject = TokenEndpoint.Text(claims, "sub");
        var sid = TokenEndpoint.Text(claims, "sid");
        var id = TokenEndpoint.Text(claims, "jti");
        if ((subject is null && claims.TryGetProperty("sub", out _)) || (sid is null && claims.TryGetProperty("sid", out _)))
        {
            // A sid that can't be read must not make the logout one of all the person's sessions.
            return (null, "The logout token's sub or sid is no text.");
        }

        var read = new ClaimReader([claims]);
        return (subject, sid, id, read.Time("iat"), claims.TryGetProperty("nonce", out _), HasEvent(claims)) switch
        {
            (_, _, _, _, _, false) => (null, "The token does not say that it is about a logout ('events')."),
            (_, _, _, _, true, _) => (null, "A logout token has no nonce."),
            (null or "", null or "", _, _, _, _) => (null, "The logout token names neither a sub nor a sid."),
            (_, _, not { Length: > 0 and <= LongestId }, _, _, _) => (null, "The logout token needs a jti of at most 256 characters."),
            (_, _, _, null, _, _) => (null, "The logout token has no iat."),
            (_, _, _, { } issuedAt, _, _) when issuedAt > time.GetUtcNow() + ClockSkew.Allowed => (null, "The logout token was issued in the future."),
            (_, _, _, { } issuedAt, _, _) => (new UpstreamLogout(NullIfEmpty(subject), NullIfEmpty(sid), id!, issuedAt, new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero)), null),
        };
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static bool HasEvent(JsonElement claims) =>
        claims.TryGetProperty("events", out var events) && events.ValueKind == JsonValueKind.Object
        && events.TryGetProperty(LogoutToken.Event, out var logout) && logout.ValueKind == JsonValueKind.Object;
}
