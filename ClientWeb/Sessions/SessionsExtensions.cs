using McpAspire.ClientWeb.Connections.Identity;
using McpAspire.ClientWeb.Sessions.BackChannel;
using McpAspire.ClientWeb.Sessions.OpenPages;
using McpAspire.ServiceDefaults.BrowserProtection;
using McpAspire.ServiceDefaults.KeyRing;
using Microsoft.AspNetCore.Authentication.Cookies;
using StackExchange.Redis;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>Registers the room that remembers who is signed in.</summary>
internal static class SessionsExtensions
{
    /// <summary>The longest that a command waits: a store that is away is noticed soon, and soon found again.</summary>
    public static readonly TimeSpan RedisPatience = TimeSpan.FromSeconds(2);

    /// <exception cref="InvalidOperationException">The setting <c>ConnectionStrings:sessions</c> is missing, or another is not usable.</exception>
    public static void AddSessions(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString("sessions")))
        {
            throw new InvalidOperationException(
                "The setting 'ConnectionStrings:sessions' is missing. Set it to the Redis that keeps sign-ins, for example localhost:6379,password=….");
        }

        builder.AddRedisClient("sessions", configureOptions: options =>
        {
            var milliseconds = (int)RedisPatience.TotalMilliseconds;
            options.ConnectTimeout = milliseconds;
            options.SyncTimeout = milliseconds;
            options.AsyncTimeout = milliseconds;
            options.ReconnectRetryPolicy = new LinearRetry(500);
        });
        builder.AddKeyRingInRedis("clientweb");

        builder.Services.AddOpenPages();
        builder.Services.AddBackChannelLogout();
        builder.Services.AddSingleton<SessionIndex>();
        builder.Services.AddSingleton<SessionStore>();
        builder.Services.AddSingleton<AccessTokens>();
        builder.Services.AddSingleton<GrantRevocation>();
        builder.Services.AddSingleton<SignIn>();
        builder.Services.AddSingleton<SignOut>();
        builder.Services.AddSingleton<SessionCookie>();
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(options =>
        {
            options.EventsType = typeof(SessionCookie);
            options.Cookie.Name = SessionCookie.Name;
            options.Cookie.SecurePolicy = CookieSecurePolicy.Always;
            options.Cookie.SameSite = SameSiteMode.Lax;
            // The store ends idle sessions; this is the longest that one can last at all, as long as its grant.
            options.ExpireTimeSpan = TimeSpan.FromDays(90);
            options.SlidingExpiration = false;
        });
        builder.Services.AddAuthorization();
        builder.AddSignInLimit();
        builder.Services.AddAntiforgery(options => options.Cookie = new AlwaysSecureCookie
        {
            Name = OwnCookies.Antiforgery,
            SameSite = SameSiteMode.Lax,
            HttpOnly = true,
            IsEssential = true,
        });
    }

    /// <summary>Says who is signed in, and refuses requests that other sites made in their name.</summary>
    public static void UseSessions(this WebApplication app)
    {
        app.UseOriginCheck(IsMadeByPages);
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    // A back-channel logout is a server's own request, and no cookie authenticates it.
    private static bool IsMadeByPages(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/_blazor")
        || (HttpMethods.IsPost(context.Request.Method) && !context.Request.Path.Equals(ClientIdentity.BackChannelLogoutPath, StringComparison.OrdinalIgnoreCase));
}
