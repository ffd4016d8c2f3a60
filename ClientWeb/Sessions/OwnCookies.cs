namespace McpAspire.ClientWeb.Sessions;

/// <summary>The small cookies beside the session's: each names a step that this browser began.</summary>
internal static class OwnCookies
{
    /// <summary>Binds a sign-in to the browser that began it.</summary>
    public const string SignIn = "__Host-clientweb-signin";

    /// <summary>Binds a sign-out to the browser that began it.</summary>
    public const string SignOut = "__Host-clientweb-signout";

    /// <summary>Antiforgery's own.</summary>
    public const string Antiforgery = "__Host-clientweb-antiforgery";

    /// <summary>Sets one of them. The prefix <c>__Host-</c> wants Secure, the root path and no domain (RFC 6265bis §4.1.3.2).</summary>
    public static void Set(HttpResponse response, string name, string value, TimeSpan lifetime) =>
        response.Cookies.Append(name, value, Options(lifetime));

    /// <summary>Removes one of them.</summary>
    public static void Remove(HttpResponse response, string name) => response.Cookies.Delete(name, Options(null));

    private static CookieOptions Options(TimeSpan? lifetime) => new()
    {
        Path = "/",
        Secure = true,
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        MaxAge = lifetime,
        IsEssential = true,
    };
}
