using System.Globalization;
using System.Security.Claims;
using System.Text.Json.Nodes;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.SignIn;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Tokens;

/// <summary>The claims that codes and tokens are made of, and which token gets which.</summary>
internal static class TokenPrincipal
{
    internal const string GrantId = "grant_id";
    internal const string Sid = "sid";

    /// <summary>Who acts for the person (RFC 8693 §4.1).</summary>
    private const string Actor = "act";

    /// <summary>Where the grant was given; it stays in codes and refresh tokens, which only we can read.</summary>
    internal const string GivenInSession = "given_in";

    /// <summary>Where the grant stands alone: the provider that the person signed in with, and who they are there. In codes only.</summary>
    internal const string Provider = "upstream_provider";

    /// <summary>See <see cref="Provider"/>.</summary>
    internal const string UpstreamSubject = "upstream_subject";

    private const string AuthenticationType = "authserver";

    /// <summary>Begins the <c>sub</c> of a token without a person; no account id begins so.</summary>
    internal const string ClientSubject = "client:";

    /// <summary>True where a request redeems what a person gave in their browser: a code, a device's code, or a refresh token that came of it.</summary>
    internal static bool IsOfAuthorization(OpenIddictRequest request) =>
        request.IsAuthorizationCodeGrantType() || request.IsDeviceCodeGrantType() || request.IsRefreshTokenGrantType();

    /// <summary>What an authorization code holds.</summary>
    internal static ClaimsPrincipal ForCode(Session session, string grantId, bool standalone, IEnumerable<string> scopes, string resource)
    {
        var identity = New(session.AccountId, grantId, standalone ? null : session.Id, session.Id,
            session.AuthenticatedAt == Session.NobodyKnows ? null : session.AuthenticatedAt.ToUnixTimeSeconds());
        if (standalone)
        {
            identity.SetClaim(Provider, session.Upstream?.Provider);
            identity.SetClaim(UpstreamSubject, session.Upstream?.Subject);
        }

        return new ClaimsPrincipal(identity).SetScopes(scopes).SetResources(resource);
    }

    /// <summary>
    /// What tokens hold: the grant's own facts, and of the account what the scopes of this request give, as it is now.
    /// The refresh token keeps all scopes of <paramref name="from"/>.
    /// </summary>
    internal static ClaimsPrincipal ForTokens(ClaimsPrincipal from, Account account, string resource, IReadOnlyCollection<string> scopes)
    {
        var identity = New(account.Id, from.GetClaim(GrantId)!, from.GetClaim(Sid), from.GetClaim(GivenInSession), AuthTimeOf(from));
        if (scopes.Contains(ScopeCatalog.Profile))
        {
            identity.SetClaim(Claims.Name, account.Name);
            identity.SetClaim(Claims.PreferredUsername, account.ShownUserName);
        }

        if (scopes.Contains(ScopeCatalog.Email))
        {
            identity.SetClaim(Claims.Email, account.Email);
        }

        if (scopes.Contains(ScopeCatalog.Roles))
        {
            identity.SetClaims(ScopeCatalog.Roles, [.. account.RoleList]);
        }

        identity.SetDestinations(Destinations);
        return new ClaimsPrincipal(identity).SetScopes(from.GetScopes()).SetResources(resource);
    }

    /// <summary>What a token of a client for itself holds: no person, no grant, no session.</summary>
    internal static ClaimsPrincipal ForClient(string clientId, IEnumerable<string> scopes, string resource)
    {
        var identity = new ClaimsIdentity(AuthenticationType, Claims.Name, ScopeCatalog.Roles);
        identity.SetClaim(Claims.Subject, ClientSubject + clientId);
        return new ClaimsPrincipal(identity).SetScopes(scopes).SetResources(resource);
    }

    /// <summary>What a token holds that a resource server gets for one it received: the same person, grant and session, and who acts for them.</summary>
    internal static ClaimsPrincipal ForExchange(ClaimsPrincipal subject, string actor, IEnumerable<string> scopes, string resource)
    {
        var identity = New(
            subject.GetClaim(Claims.Subject)!, subject.GetClaim(GrantId)!, subject.GetClaim(Sid), givenIn: null, AuthTimeOf(subject));
        identity.SetClaim(Actor, new JsonObject { [Claims.Subject] = actor });
        identity.SetDestinations(Destinations);
        return new ClaimsPrincipal(identity).SetScopes(scopes).SetResources(resource);
    }

    /// <summary>What tokens hold that a person's identity provider granted: a grant that stands alone, given in no session.</summary>
    internal static ClaimsPrincipal ForIdJag(Account account, string grantId, long? authTime, IReadOnlyCollection<string> scopes, string resource) =>
        ForTokens(new ClaimsPrincipal(New(account.Id, grantId, sid: null, givenIn: null, authTime)).SetScopes(scopes), account, resource, scopes);

    /// <summary>True for a token without a person.</summary>
    internal static bool IsOfClient(ClaimsPrincipal token) => token.GetClaim(Claims.Subject)?.StartsWith(ClientSubject, StringComparison.Ordinal) == true;

    /// <summary>When the person proved who they are, if the token says so.</summary>
    internal static long? AuthTimeOf(ClaimsPrincipal from) =>
        from.GetClaim(Claims.AuthenticationTime) is { } known ? long.Parse(known, CultureInfo.InvariantCulture) : null;

    /// <summary>The scopes that a request gets of what was granted; <see cref="NarrowOnly"/> made sure that they lie within it.</summary>
    internal static IReadOnlyCollection<string> ScopesOf(OpenIddictRequest request, ClaimsPrincipal granted) =>
        request.IsRefreshTokenGrantType() && request.GetScopes() is { Length: > 0 } narrowed ? narrowed : granted.GetScopes();

    private static ClaimsIdentity New(string subject, string grantId, string? sid, string? givenIn, long? authTime)
    {
        var identity = new ClaimsIdentity(AuthenticationType, Claims.Name, ScopeCatalog.Roles);
        identity.SetClaim(Claims.Subject, subject);
        identity.SetClaim(GrantId, grantId);
        identity.SetClaim(Sid, sid);
        identity.SetClaim(GivenInSession, givenIn);
        if (authTime is { } seconds)
        {
            identity.SetClaim(Claims.AuthenticationTime, seconds);
        }

        return identity;
    }

    private static IEnumerable<string> Destinations(Claim claim) => claim.Type switch
    {
        Claims.Subject or Claims.AuthenticationTime or Sid or Claims.Name or ScopeCatalog.Roles =>
            [OpenIddictConstants.Destinations.AccessToken, OpenIddictConstants.Destinations.IdentityToken],
        GrantId or Actor => [OpenIddictConstants.Destinations.AccessToken],
        Claims.Email or Claims.PreferredUsername => [OpenIddictConstants.Destinations.IdentityToken],
        _ => [],
    };
}
