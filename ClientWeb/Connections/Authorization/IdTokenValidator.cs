using System.Security.Claims;
using System.Text.Json.Nodes;
using McpAspire.ClientWeb.Connections.Discovery;
using McpAspire.ClientWeb.Connections.Identity;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.ClientWeb.Connections.Authorization;

/// <summary>Who signed in, as the ID token says.</summary>
/// <param name="Issuer">The issuer.</param>
/// <param name="Subject">The person at that issuer.</param>
/// <param name="Name">A name to show.</param>
/// <param name="SessionId">The session there (<c>sid</c>), if it says.</param>
internal sealed record SignedInPerson(string Issuer, string Subject, string Name, string? SessionId);

/// <summary>
/// Validates an ID token (OpenID Connect Core §3.1.3.7): signature by the issuer's keys, RS256 only, issuer, audience,
/// <c>azp</c>, time with 30 s of skew, nonce.
/// </summary>
internal sealed class IdTokenValidator(MetadataReader metadata, ClientIdentity client, TimeProvider time)
{
    public const string Algorithm = SecurityAlgorithms.RsaSha256;

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    /// <exception cref="ConnectionException">The token is missing or not valid; the message says which rule.</exception>
    public async Task<SignedInPerson> ValidateAsync(string? idToken, PendingAuthorization pending, CancellationToken cancellationToken)
    {
        if (idToken is null)
        {
            throw Invalid("none was given");
        }

        var result = await Handler.ValidateTokenAsync(idToken, new TokenValidationParameters
        {
            ValidAlgorithms = [Algorithm],
            ValidIssuer = pending.Server.Issuer,
            ValidAudience = client.ClientId,
            IssuerSigningKeys = await ReadKeysAsync(pending.Server, cancellationToken),
            TryAllIssuerSigningKeys = false,
            RequireExpirationTime = true,
            LifetimeValidator = IsAlive,
        });
        if (!result.IsValid)
        {
            throw Invalid(Reason(result.Exception));
        }

        return Read(result.ClaimsIdentity, pending);
    }

    private SignedInPerson Read(ClaimsIdentity claims, PendingAuthorization pending)
    {
        if (claims.FindFirst("nonce")?.Value is not { } nonce || !RandomValue.AreSame(nonce, pending.Nonce))
        {
            throw Invalid("its nonce is not the one that was sent");
        }

        var authorizedParty = claims.FindFirst("azp")?.Value;
        if (authorizedParty is null ? claims.FindAll("aud").Count() > 1 : authorizedParty != client.ClientId)
        {
            throw Invalid("it was made for another application");
        }

        var subject = claims.FindFirst("sub")?.Value is { Length: > 0 } value ? value : throw Invalid("it names nobody");
        return new SignedInPerson(
            pending.Server.Issuer,
            subject,
            claims.FindFirst("name")?.Value ?? claims.FindFirst("preferred_username")?.Value ?? subject,
            claims.FindFirst("sid")?.Value);
    }

    private async Task<IEnumerable<SecurityKey>> ReadKeysAsync(AuthorizationServerMetadata server, CancellationToken cancellationToken)
    {
        JsonObject document = await metadata.FindAsync(server.JwksUri, cancellationToken)
            ?? throw new ConnectionException($"{server.Host} shows no keys at {server.JwksUri}.", passing: true);
        try
        {
            return new JsonWebKeySet(document.ToJsonString()).GetSigningKeys();
        }
        catch (ArgumentException exception)
        {
            throw new ConnectionException($"The keys at {server.JwksUri} can't be read.", inner: exception);
        }
    }

    private bool IsAlive(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires > now - Skew && (notBefore is null || notBefore <= now + Skew);
    }

    // Words of ours: the library's messages quote the token's content.
    private static string Reason(Exception? exception) => exception switch
    {
        SecurityTokenInvalidIssuerException => "its issuer is another",
        SecurityTokenInvalidAudienceException => "it was made for another application",
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNoExpirationException => "it has expired",
        SecurityTokenInvalidAlgorithmException => "it is not signed with RS256",
        SecurityTokenSignatureKeyNotFoundException => "its key is not among the issuer's",
        SecurityTokenInvalidSignatureException => "its signature is wrong",
        _ => "it can't be read",
    };

    private static ConnectionException Invalid(string reason) => new($"The ID token is not valid: {reason}.");
}
