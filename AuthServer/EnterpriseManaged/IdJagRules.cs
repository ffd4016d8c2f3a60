using System.Text.Json;
using McpAspire.AuthServer.Clients.Assertions;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.SigningIn;
using McpAspire.ServiceDefaults;
using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.IdentityModel.JsonWebTokens;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.EnterpriseManaged;

/// <summary>
/// Validates an ID-JAG (draft-ietf-oauth-identity-assertion-authz-grant §4.4.1, RFC 7521 §5.2): by its type, signed by a
/// provider that is configured so, for this server alone and for the client that presents it.
/// </summary>
internal sealed class IdJagRules(ProviderSet providers, ProviderDirectory directory, PublicUrl issuer, TimeProvider time)
{
    /// <summary>How far ahead it may expire: for so long its <c>jti</c> is remembered.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <param name="assertion">The assertion.</param>
    /// <param name="clientId">The client, which has proved itself.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>What it says, or what is wrong with it.</returns>
    /// <exception cref="ProviderException">The provider's keys can't be had.</exception>
    internal async Task<(IdJag? Grant, string? Fault)> ReadAsync(string assertion, string clientId, CancellationToken cancellationToken)
    {
        if (UnreadToken.Of(assertion) is not { } unread)
        {
            return (null, "The assertion is not a JSON Web Token.");
        }

        if (unread.Typ != IdJag.Type)
        {
            return (null, $"The assertion's typ must be {IdJag.Type}.");
        }

        if (providers.All.FirstOrDefault(known => known.EnterpriseManaged && known.Issuer == unread.Issuer) is not { } provider)
        {
            return (null, "The assertion is of no identity provider that may grant access here.");
        }

        var validated = await new ProviderTokens(provider, directory.MetadataOf(provider), time, issuer.Value).ValidateAsync(assertion, cancellationToken);
        if (!validated.IsValid || validated.SecurityToken is not JsonWebToken jwt || jwt.Audiences.ToArray() is not [_])
        {
            return (null, $"The assertion is not signed by the provider for {issuer.Value} alone, or has expired.");
        }

        var claims = IdTokenClaims.Of(assertion);
        return FaultOf(claims, jwt, clientId) is { } fault ? (null, fault) : (Grant(provider, claims, jwt), null);
    }

    private string? FaultOf(JsonElement claims, JsonWebToken jwt, string clientId)
    {
        var now = time.GetUtcNow();
        if (string.IsNullOrEmpty(TokenEndpoint.Text(claims, Claims.Subject)))
        {
            return "The assertion has no sub.";
        }

        if (TokenEndpoint.Text(claims, Claims.ClientId) != clientId)
        {
            return "The assertion's client_id is not the client that presents it.";
        }

        if (TokenEndpoint.Text(claims, Claims.JwtId) is not { Length: > 0 and <= UsedAssertions.LongestId })
        {
            return $"The assertion needs a jti of at most {UsedAssertions.LongestId} characters.";
        }

        if (new ClaimReader([claims]).Time(Claims.IssuedAt) is not { } issuedAt || issuedAt > now + ClockSkew.Allowed)
        {
            return "The assertion's iat is missing or in the future.";
        }

        if (jwt.ValidTo > (now + Longest + ClockSkew.Allowed).UtcDateTime)
        {
            return "The assertion's exp is more than an hour ahead.";
        }

        // A scope that can't be read is not one that was left to us.
        if (claims.TryGetProperty(Claims.Scope, out var scope) && scope.ValueKind != JsonValueKind.String)
        {
            return "The assertion's scope is not a text.";
        }

        // What we can't honour must not be overlooked: it narrows what was granted, or to whom.
        return claims.TryGetProperty("cnf", out _) ? "The assertion is bound to a key, which is not supported here."
            : claims.TryGetProperty("authorization_details", out _) ? "The assertion has authorization_details, which are not supported here."
            : claims.TryGetProperty("tenant", out _) || claims.TryGetProperty("aud_tenant", out _) ? "The assertion is of one tenant of several, which are not supported here."
            : null;
    }

    private static IdJag Grant(Provider provider, JsonElement claims, JsonWebToken jwt)
    {
        var read = new ClaimReader([claims]);
        return new IdJag(
            provider,
            TokenEndpoint.Text(claims, Claims.Subject)!,
            TokenEndpoint.Text(claims, Claims.JwtId)!,
            new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero),
            read.List("resource")?.ToArray(),
            TokenEndpoint.Text(claims, Claims.Scope),
            read.Time(Claims.AuthenticationTime));
    }
}
