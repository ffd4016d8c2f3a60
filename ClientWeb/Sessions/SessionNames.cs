using McpAspire.ClientWeb.Connections;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>
/// Names of what is kept in Redis about sessions. They are made of hashes, so that whoever reads a name learns neither
/// a key nor a person.
/// </summary>
internal static class SessionNames
{
    /// <summary>Names a session's record without holding its key; also its name on the channel and among open pages.</summary>
    public static string HashOf(string key) => RandomValue.Hash(key);

    /// <summary>The record of a session.</summary>
    public static string Record(string hash) => $"clientweb:session:{hash}";

    /// <summary>The set of sessions (by hash) that belong to one session at the issuer.</summary>
    public static string OfSession(string issuer, string sessionId) => $"clientweb:sessions-of-sid:{Hash(issuer, sessionId)}";

    /// <summary>The set of sessions (by hash) of one person at the issuer.</summary>
    public static string OfSubject(string issuer, string subject) => $"clientweb:sessions-of-sub:{Hash(issuer, subject)}";

    /// <summary>Says that a session at the issuer has just ended: of whom (<see cref="Subject"/>), or empty where it did not say.</summary>
    public static string EndedSession(string issuer, string sessionId) => $"clientweb:ended-sid:{Hash(issuer, sessionId)}";

    /// <summary>Says when (Unix seconds, by the issuer's clock) all sessions of a person at the issuer were ended.</summary>
    public static string EndedSubject(string issuer, string subject) => $"clientweb:ended-sub:{Hash(issuer, subject)}";

    /// <summary>Says that a logout token was used.</summary>
    public static string UsedLogoutToken(string issuer, string tokenId) => $"clientweb:logout-token:{Hash(issuer, tokenId)}";

    /// <summary>A person, as written beside <see cref="EndedSession"/>.</summary>
    public static string Subject(string issuer, string subject) => Hash(issuer, subject);

    // An issuer is a URL and has no line break.
    private static string Hash(string issuer, string value) => RandomValue.Hash($"{issuer}\n{value}");
}
