namespace McpAspire.ClientWeb.Connections.Discovery;

/// <summary>
/// Compares resource identifiers (RFC 8707 §2, RFC 3986 §6.2.2): scheme and host without regard to case, the default
/// port left out, an empty path equal to "/", and the rest exactly.
/// </summary>
internal static class ResourceIdentifier
{
    public static bool AreSame(string left, string right) =>
        Normalize(left) is { } first && string.Equals(first, Normalize(right), StringComparison.Ordinal);

    private static string? Normalize(string value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Authority.Length == 0)
        {
            return null;
        }

        // What follows the authority is taken from the text itself, since Uri rewrites paths.
        var authority = value.IndexOf("://", StringComparison.Ordinal) + 3;
        var path = value.AsSpan(authority).IndexOfAny("/?#");
        var rest = path < 0 ? "/" : value[(authority + path)..];
        return $"{uri.Scheme}://{uri.UserInfo}@{uri.IdnHost}:{uri.Port}{(rest[0] == '/' ? "" : "/")}{rest}";
    }
}
