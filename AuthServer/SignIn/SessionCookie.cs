using System.Security.Claims;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.Refreshing;
using McpAspire.AuthServer.Grants;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace McpAspire.AuthServer.SignIn;

/// <summary>
/// The cookie <c>__Host-authserver-session</c>. It holds only the <c>sid</c>; each request looks at the session's row.
/// </summary>
internal static class SessionCookie
{
    internal const string Name = "__Host-authserver-session";
    internal const string SidClaim = "sid";

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
        options.SlidingExpiration = true;
    }

    internal static async Task SignInAsync(HttpContext context, Session session) =>
        await context.SignInAsync(
            CookieAuthenticationDefaults.AuthenticationScheme,
            new ClaimsPrincipal(new ClaimsIdentity([new Claim(SidClaim, session.Id)], CookieAuthenticationDefaults.AuthenticationScheme)));

    internal static async Task SignOutAsync(HttpContext context) =>
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
}

/// <summary>The session of the browser that asks, if it has a living one.</summary>
internal sealed class CurrentSession(Sessions sessions, ProviderSet providers, EndingActs endings, TimeProvider time)
{
    internal async Task<Session?> FindAsync(HttpContext context)
    {
        var ticket = await context.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return ticket.Principal?.FindFirst(SessionCookie.SidClaim)?.Value is { } sid ? await FindAsync(sid, context.RequestAborted) : null;
    }

    /// <summary>The living session of that id, which this browser is known to have.</summary>
    internal async Task<Session?> FindAsync(string sid, CancellationToken cancellationToken)
    {
        var session = await sessions.FindAsync(sid, cancellationToken);
        if (session is not null && SessionAge.IsOver(providers.Find(session.Upstream?.Provider), session.Upstream, time.GetUtcNow()))
        {
            await endings.EndSessionAsync(session, EndReason.UpstreamEnded, cancellationToken);
            return null;
        }

        if (session is not null)
        {
            await sessions.UseAsync(sid, cancellationToken);
        }

        return session;
    }
}
