using System.Collections.Immutable;
using McpAspire.ServiceDefaults.PublicUrls;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// The rules of redirect URIs: https anywhere, http on loopback only, private-use schemes with a dot or named here
/// (RFC 8252 §7). They are compared exactly (RFC 9700 §2.1), but for the port of a native client's loopback URI (RFC 8252 §7.3).
/// </summary>
internal static class RedirectUri
{
    internal const int LongestUri = 2048;
    internal const int MostUris = 20;

    private static readonly ImmutableHashSet<string> PrivateUseSchemes = ["vscode", "vscode-insiders", "cursor", "windsurf"];

    private static readonly ImmutableHashSet<string> NeverSchemes = ["javascript", "data", "file", "blob", "about", "ftp", "ws", "wss", "mailto", "vbscript"];

    /// <exception cref="ClientRefusedException">The URI may not be registered; the message says why.</exception>
    internal static Uri Check(string? value)
    {
        if (value is null || value.Length > LongestUri || !Uri.TryCreate(value, UriKind.Absolute, out var uri)
            || uri.UserInfo.Length > 0 || value.Contains('#', StringComparison.Ordinal) || NeverSchemes.Contains(uri.Scheme))
        {
            throw new ClientRefusedException("A redirect URI is not an absolute URI without fragment and user name, of at most 2,048 characters.");
        }

        var allowed = uri.Scheme switch
        {
            "https" => true,
            "http" => PublicUrl.IsLoopbackName(uri.Host),
            _ => uri.Scheme.Contains('.', StringComparison.Ordinal) || PrivateUseSchemes.Contains(uri.Scheme),
        };
        return allowed
            ? uri
            : throw new ClientRefusedException($"The redirect URI scheme '{uri.Scheme}' is not allowed here: use https, http on loopback, or a private-use scheme with a dot.");
    }

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

    /// <summary>The host, or for a private-use scheme the scheme, that a person is shown and consents to.</summary>
    /// <summary>Host and port as a person should see them: names in their ASCII form, which no look-alike letters can forge.</summary>
    internal static string ShownAuthority(Uri uri) => uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}";

    internal static string ShownHost(string redirectUri)
    {
        var uri = new Uri(redirectUri);
        return uri.Host.Length > 0 && uri.Scheme is "http" or "https" ? uri.IdnHost : $"{uri.Scheme}:";
    }
}
