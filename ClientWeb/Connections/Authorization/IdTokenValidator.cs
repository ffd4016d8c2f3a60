using System.Globalization;
using System.Security.Claims;
using McpAspire.ClientWeb.Connections.Identity;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.ClientWeb.Connections.Authorization;

/// <summary>Who signed in, as the ID token says.</summary>
/// <param name="Issuer">The issuer.</param>
/// <param name="Subject">The person at that issuer.</param>
/// <param name="Name">A name to show.</param>
/// <param name="SessionId">The session there (<c>sid</c>), if it says.</param>
/// <param name="IssuedAt">When it says so, by the issuer's clock (<c>iat</c>); the beginning of time if it does not say.</param>
internal sealed record SignedInPerson(string Issuer, string Subject, string Name, string? SessionId, DateTimeOffset IssuedAt);

/// <summary>
/// Validates an ID token (OpenID Connect Core §3.1.3.7): what <see cref="IssuedToken"/> checks, then <c>azp</c> and nonce.
/// </summary>
internal sealed class IdTokenValidator(IssuerKeys keys, IssuedToken issued, ClientIdentity client)
{
    public const string Algorithm = IssuedToken.Algorithm;

    /// <exception cref="ConnectionException">The token is missing or not valid; the message says which rule.</exception>
    public async Task<SignedInPerson> ValidateAsync(string? idToken, PendingAuthorization pending, CancellationToken cancellationToken)
    {
        if (idToken is null)
        {
            throw Invalid("none was given");
        }

        try
        {
            var result = await issued.ValidateAsync(idToken, pending.Server, await keys.ReadAsync(pending.Server, cancellationToken));
            return Read(result.ClaimsIdentity, pending);
        }
        catch (InvalidTokenException exception)
        {
            throw Invalid(exception.Message);
        }
    }

    private SignedInPerson Read(ClaimsIdentity claims, PendingAuthorization pending)
    {
        if (claims.FindFirst("nonce")?.Value is not { } nonce || !RandomValue.AreSame(nonce, pending.Nonce))
        {
            throw new InvalidTokenException("its nonce is not the one that was sent");
        }

        var authorizedParty = claims.FindFirst("azp")?.Value;
        if (authorizedParty is null ? claims.FindAll("aud").Count() > 1 : authorizedParty != client.ClientId)
        {
            throw new InvalidTokenException("it was made for another application");
        }

        var subject = claims.FindFirst("sub")?.Value is { Length: > 0 } value ? value : throw new InvalidTokenException("it names nobody");
        return new SignedInPerson(
            pending.Server.Issuer,
            subject,
            claims.FindFirst("name")?.Value ?? claims.FindFirst("preferred_username")?.Value ?? subject,
            claims.FindFirst("sid")?.Value,
            IssuedAt(claims));
    }

    private static DateTimeOffset IssuedAt(ClaimsIdentity claims) =>
        long.TryParse(claims.FindFirst("iat")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? EpochTime.DateTime(seconds) : default(DateTimeOffset);

    private static ConnectionException Invalid(string reason) => new($"The ID token is not valid: {reason}.");
}
