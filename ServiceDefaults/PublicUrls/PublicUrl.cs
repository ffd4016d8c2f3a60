using System.Net;

namespace McpAspire.ServiceDefaults.PublicUrls;

/// <summary>
/// The one URL under which browsers and other services know this service, from the configuration key
/// <c>PublicUrl</c>. Identities (issuer, resource, client id, redirect URIs) are made from it and never from the
/// Host header of a request.
/// </summary>
public sealed class PublicUrl
{
    private PublicUrl(Uri uri, string value)
    {
        Uri = uri;
        Value = value;
    }

    /// <summary>The URL as text, exactly as configured, without a trailing slash.</summary>
    public string Value { get; }

    /// <summary>The URL.</summary>
    public Uri Uri { get; }

    /// <summary>The origin of the URL, as browsers send it (RFC 6454 §6.2).</summary>
    public string Origin => Uri.GetLeftPart(UriPartial.Authority);

    /// <summary>True where the URL's host is this machine.</summary>
    public bool IsLoopback => Uri.IsLoopback;

    /// <summary>The absolute URL of a path of this service.</summary>
    /// <param name="path">A path that begins with a slash.</param>
    public string Of(string path) => Value + path;

    /// <summary>Reads the configured value.</summary>
    /// <param name="configured">The value of <c>PublicUrl</c>.</param>
    /// <param name="development">True in Development, where http on loopback is allowed.</param>
    /// <exception cref="InvalidOperationException">The value is missing or not an absolute URL of this kind.</exception>
    public static PublicUrl Parse(string? configured, bool development)
    {
        if (string.IsNullOrWhiteSpace(configured))
        {
            throw new InvalidOperationException(
                "The setting 'PublicUrl' is missing. Set it to the URL that browsers use for this service, for example http://localhost:5100.");
        }

        if (!Uri.TryCreate(configured, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            || uri.AbsolutePath != "/" || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
        {
            throw new InvalidOperationException(
                $"The setting 'PublicUrl' is '{configured}': it must be an absolute http or https URL without path, query, fragment or user name.");
        }

        if (uri.Scheme == "http" && !(development && uri.IsLoopback))
        {
            throw new InvalidOperationException(
                $"The setting 'PublicUrl' is '{configured}': plain http is for loopback hosts in Development only. Use https.");
        }

        return new PublicUrl(uri, configured.TrimEnd('/'));
    }

    /// <summary>True for a name or address of this machine: localhost, 127.0.0.0/8 or ::1.</summary>
    /// <param name="host">The host of a URL or Host header, without port.</param>
    public static bool IsLoopbackName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
