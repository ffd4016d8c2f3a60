using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>
/// Cookie authentication whose cookie holds a session's random key and nothing else. The person behind it is read
/// from the store for each request, so a session that has ended is over at once.
/// </summary>
internal sealed class SessionCookie(SessionStore sessions) : CookieAuthenticationEvents
{
    public const string Name = "__Host-clientweb-session";

    /// <summary>The claim that carries the key: in the cookie alone, and on the server beside the person's own.</summary>
    public const string KeyClaim = "session";

    /// <summary>What the cookie carries.</summary>
    public static ClaimsPrincipal CookieFor(string key) => Principal(new Claim(KeyClaim, key));

    /// <inheritdoc />
    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        var key = context.Principal?.SessionKey();
        if (key is not null && await sessions.FindAsync(key) is { Session.Person: var person })
        {
            context.ReplacePrincipal(Principal(
                new Claim(KeyClaim, key), new Claim("iss", person.Issuer), new Claim("sub", person.Subject), new Claim("name", person.Name)));
            return;
        }

        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }

    private static ClaimsPrincipal Principal(params Claim[] claims) =>
        new(new ClaimsIdentity(claims, CookieAuthenticationDefaults.AuthenticationScheme, nameType: "name", roleType: "roles"));
}

/// <summary>Reads what <see cref="SessionCookie"/> put into a principal.</summary>
internal static class SessionClaims
{
    /// <summary>The key of the session, or null for somebody who is not signed in.</summary>
    public static string? SessionKey(this ClaimsPrincipal user) => user.FindFirst(SessionCookie.KeyClaim)?.Value;
}
