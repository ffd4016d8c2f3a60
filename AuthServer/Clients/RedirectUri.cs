using McpAspire.ServiceDefaults.PublicUrls;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// How redirect URIs are compared: exactly (RFC 9700 §2.1), but for the port of a native client's loopback URI
/// (RFC 8252 §7.3); and how a person is shown where they lead.
/// </summary>
internal static class RedirectUri
{
    internal const int LongestUri = 2048;
    internal const int MostUris = 20;

    internal static bool Matches(string registered, string requested, bool native)
    {
        if (string.Equals(registered, requested, StringComparison.Ordinal))
        {
            return true;
        }

        return native
            && Uri.TryCreate(registered, UriKind.Absolute, out var one) && Uri.TryCreate(requested, UriKind.Absolute, out var other)
            && one.Scheme == "http" && other.Scheme == "http" && PublicUrl.IsLoopbackName(one.Host)
            && requested.Length <= LongestUri && other.UserInfo.Length == 0 && !requested.Contains('#', StringComparison.Ordinal)
            && string.Equals(one.Host, other.Host, StringComparison.Ordinal)
            && string.Equals(one.PathAndQuery, other.PathAndQuery, StringComparison.Ordinal);
    }

    /// <summary>True where it leads to a program on the person's own machine.</summary>
    internal static bool StaysOnDevice(Uri uri) => uri.Scheme != "https";

    /// <summary>Host and port as a person should see them: names in their ASCII form, which no look-alike letters can forge.</summary>
    internal static string ShownAuthority(Uri uri) => uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}";

    /// <summary>The host, or for a private-use scheme the scheme, that a person is shown and consents to.</summary>
    internal static string ShownHost(string redirectUri)
    {
        var uri = new Uri(redirectUri);
        return uri.Host.Length > 0 && uri.Scheme is "http" or "https" ? uri.IdnHost : $"{uri.Scheme}:";
    }
}
