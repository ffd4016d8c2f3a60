namespace McpAspire.AuthServer.SignIn;

/// <summary>How the cookies are set with which one page of ours leaves something for the next.</summary>
internal static class PageCookie
{
    /// <param name="maxAge">How long the browser keeps it; null where it is taken away.</param>
    internal static CookieOptions Options(TimeSpan? maxAge) =>
        new() { Path = "/", Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, MaxAge = maxAge, IsEssential = true };
}
