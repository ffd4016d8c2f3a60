namespace McpAspire.ServiceDefaults.Outbound;

/// <summary>The host of a URL as DNS knows it. <see cref="Uri.IdnHost"/> throws where there is no such form.</summary>
public static class AsciiHost
{
    /// <summary>The host in ASCII; null where it has no such form, as one with a label that is too long.</summary>
    /// <param name="url">The URL.</param>
    public static string? Of(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        try
        {
            return url.IdnHost;
        }
        catch (UriFormatException)
        {
            return null;
        }
    }
}
