using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace McpAspire.AuthServer.SignIn;

/// <summary>
/// The cookie <c>__Host-authserver-session</c>, encrypted. It holds the session's <c>sid</c> and stamp; each request that
/// asks who is signed in looks at the session's row (<see cref="CurrentSession"/>).
/// </summary>
internal static class SessionCookie
{
    internal const string Name = "__Host-authserver-session";
    internal const string SidClaim = "sid";

    /// <summary>Not a claim: forms are bound to the claims, and stay good in other tabs where the stamp is made anew.</summary>
    private const string StampItem = "stamp";

    internal static readonly TimeSpan IdleLifetime = TimeSpan.FromHours(12);

    internal static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = Name;
        options.Cookie.Path = "/";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        // Secure also over http://localhost, which browsers treat as secure; the __Host- prefix needs it.
        options.Cookie.SecurePolicy = CookieSecurePolicy.Always;
        options.ExpireTimeSpan = IdleLifetime;
        // It would write a former stamp again, over the cookie that took its place meanwhile: CurrentSession slides.
        options.SlidingExpiration = false;
    }

    /// <summary>What the browser's cookie says, whether or not that is good still; null where there is none of ours.</summary>
    internal static async Task<(SessionStamp Stamp, DateTimeOffset ExpiresAt)?> ReadAsync(HttpContext context)
    {
        var ticket = await context.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return ticket is { Succeeded: true, Properties.ExpiresUtc: { } expiresAt } && ticket.Principal.FindFirst(SidClaim)?.Value is { } sid
            ? (new SessionStamp(sid, ticket.Properties.Items.TryGetValue(StampItem, out var stamp) ? stamp : null), expiresAt)
            : null;
    }

    internal static async Task SignInAsync(HttpContext context, Session session) =>
        await context.SignInAsync(
            CookieAuthenticationDefaults.AuthenticationScheme,
            new ClaimsPrincipal(new ClaimsIdentity([new Claim(SidClaim, session.Id)], CookieAuthenticationDefaults.AuthenticationScheme)),
            new AuthenticationProperties(new Dictionary<string, string?> { [StampItem] = session.Stamp }));

    internal static async Task SignOutAsync(HttpContext context) =>
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
}
