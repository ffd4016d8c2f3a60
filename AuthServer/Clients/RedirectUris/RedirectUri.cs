using System.Text.RegularExpressions;
using McpAspire.ServiceDefaults.PublicUrls;

namespace McpAspire.AuthServer.Clients.RedirectUris;

/// <summary>
/// How redirect URIs are compared: exactly (RFC 9700 §2.1), but for the port of a native client's loopback URI
/// (RFC 8252 §7.3); and how a person is shown where they lead.
/// </summary>
internal static partial class RedirectUri
{
    internal static bool Matches(string registered, string requested, bool native)
    {
        if (!IsPlain(requested))
        {
            return false;
        }

        return string.Equals(registered, requested, StringComparison.Ordinal)
            || (native && OnLoopback(registered) is { } one && OnLoopback(requested) == one);
    }

    /// <summary>True where all characters are such as a URI may have (RFC 3986 §2); others break the Location header.</summary>
    internal static bool IsPlain(string uri) => uri.All(character => character is > ' ' and <= '~');

    /// <summary>
    /// Host and what follows the port, as they are written: <see cref="Uri"/> would resolve dot segments and escapes. Null
    /// where it is not http on loopback.
    /// </summary>
    private static (string Host, string After)? OnLoopback(string uri)
    {
        var parts = Http().Match(uri);
        var (host, after) = (parts.Groups["host"].Value, parts.Groups["rest"].Value);
        return parts.Success && PublicUrl.IsLoopbackName(host) && Uri.TryCreate(uri, UriKind.Absolute, out _)
            // Without a path it is the same as with / (RFC 3986 §6.2.3), and clients' libraries write either.
            ? (host, after.Length == 0 ? "/" : after)
            : null;
    }

    [GeneratedRegex(@"\Ahttp://(?<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(?<rest>([/?][^#]*)?)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Http();

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
