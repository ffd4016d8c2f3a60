using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.SignIn;

/// <summary>
/// What a browser must hold to have a session: its <c>sid</c>, which others know too, and its stamp, which each sign-in and
/// each new password makes anew. A copy of a former cookie has a former stamp, and is nobody at once.
/// </summary>
/// <param name="Sid">The session.</param>
/// <param name="Stamp">Its stamp as the browser was given it; null in a cookie of a version that had none.</param>
internal sealed record SessionStamp(string Sid, string? Stamp)
{
    /// <summary>256 random bits.</summary>
    internal static string New() => Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));

    internal static SessionStamp Of(Session session) => new(session.Id, session.Stamp);

    /// <summary>No stamp at all fits nothing: rows of a version that had none have an empty one.</summary>
    internal bool Fits(Session session) => session.Id == Sid && !string.IsNullOrEmpty(Stamp) && session.Stamp == Stamp;
}
