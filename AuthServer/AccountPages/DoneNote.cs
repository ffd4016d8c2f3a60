using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.AccountPages;

/// <summary>
/// What a form of the account page did, said once by the page that follows. It is kept in a cookie for a minute, by a name
/// of ours: a link can bring no text to the page.
/// </summary>
internal sealed class DoneNote
{
    internal const string CookieName = "__Host-authserver-done";

    internal static readonly DoneNote PasswordChanged = new("password", "Your password is changed. Everywhere else you are signed out.");
    internal static readonly DoneNote ApplicationRemoved = new("application", "The application is removed. It has no access any more.");
    internal static readonly DoneNote SessionEnded = new("session", "That session has ended.");

    private static readonly DoneNote[] All = [PasswordChanged, ApplicationRemoved, SessionEnded];

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly string _name;
    private readonly string _text;

    private DoneNote(string name, string text) => (_name, _text) = (name, text);

    internal void Write(HttpContext context) => context.Response.Cookies.Append(CookieName, _name, PageCookie.Options(Lifetime));

    /// <summary>The text of the note that this browser was left, or null. It is read once.</summary>
    internal static string? Take(HttpContext context)
    {
        if (context.Request.Cookies[CookieName] is not { Length: > 0 } name)
        {
            return null;
        }

        context.Response.Cookies.Delete(CookieName, PageCookie.Options(null));
        return Array.Find(All, note => note._name == name)?._text;
    }
}
