using System.Buffers;
using System.Text.RegularExpressions;
using McpAspire.ServiceDefaults.PublicUrls;

namespace McpAspire.AuthServer.Clients.RedirectUris;

/// <summary>
/// How redirect URIs are compared: exactly (RFC 9700 §2.1), but for the port of a native client's loopback URI
/// (RFC 8252 §7.3); and how a person is shown where they lead.
/// </summary>
internal static partial class RedirectUri
{
    private static readonly SearchValues<char> OfUris =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%");

    internal static bool Matches(string registered, string requested, bool native)
    {
        if (!IsPlain(requested))
        {
            return false;
        }

        return string.Equals(registered, requested, StringComparison.Ordinal)
            || (native && OnLoopback(registered) is { } one && OnLoopback(requested) == one);
    }

    /// <summary>True where all characters are such as a URI may have (RFC 3986 §2); others break the Location header, or browsers read them as something else.</summary>
    internal static bool IsPlain(string uri) => !uri.AsSpan().ContainsAnyExcept(OfUris);

    /// <summary>
    /// Host and what follows the port, as they are written: <see cref="Uri"/> would resolve dot segments and escapes. Null
    /// where it is not http on loopback.
    /// </summary>
    private static (string Host, string After)? OnLoopback(string uri)
    {
        var parts = Http().Match(uri);
        var (host, after) = (parts.Groups["host"].Value, parts.Groups["rest"].Value);
        return parts.Success && IsLoopbackHost(host) && Uri.TryCreate(uri, UriKind.Absolute, out _)
            // Without a path it is the same as with / (RFC 3986 §6.2.3), and clients' libraries write either.
            ? (host, after.Length == 0 ? "/" : after)
            : null;
    }

    /// <summary>The three that RFC 8252 §7.3 and §8.3 know. Other spellings, as 127.0.0.2 and 2130706433, need none.</summary>
    private static bool IsLoopbackHost(string written) =>
        written is "127.0.0.1" or "[::1]" || string.Equals(written, "localhost", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\Ahttp://(?<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(?<rest>([/?][^#]*)?)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Http();

    /// <summary>True for http to one of the loopback hosts.</summary>
    internal static bool IsOnLoopback(Uri uri) => OnLoopback(uri.OriginalString) is not null;

    /// <summary>True where it leads to a program on the person's own machine, be it over https.</summary>
    internal static bool StaysOnDevice(Uri uri) => uri.Scheme != "https" || IsThisMachine(uri.IdnHost.TrimEnd('.'));

    /// <summary>Browsers take all names below localhost for this machine (RFC 6761 §6.3).</summary>
    private static bool IsThisMachine(string host) =>
        PublicUrl.IsLoopbackName(host) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>Host and port as a person should see them: names in their ASCII form, which no look-alike letters can forge.</summary>
    internal static string ShownAuthority(Uri uri) => uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}";

    /// <summary>The host, or for a private-use scheme the scheme, that a person is shown and consents to.</summary>
    internal static string ShownHost(string redirectUri)
    {
        var uri = new Uri(redirectUri);
        return uri.Host.Length > 0 && uri.Scheme is "http" or "https" ? uri.IdnHost : $"{uri.Scheme}:";
    }
}
