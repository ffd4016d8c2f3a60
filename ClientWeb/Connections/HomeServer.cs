namespace McpAspire.ClientWeb.Connections;

/// <summary>
/// The MCP server that signing in connects to, from the setting <c>HomeServer</c>. Its URL is the resource that our
/// access token is for (RFC 8707), kept exactly as configured.
/// </summary>
internal sealed record HomeServer
{
    private HomeServer(Uri url, string value)
    {
        Url = url;
        Value = value;
    }

    /// <summary>The MCP endpoint.</summary>
    public Uri Url { get; }

    /// <summary>The same, exactly as configured.</summary>
    public string Value { get; }

    /// <summary>The host and port, as shown to people.</summary>
    public string Host => Url.Authority;

    /// <summary>Reads the setting.</summary>
    /// <param name="configured">The value of <c>HomeServer</c>.</param>
    /// <param name="development">True in Development, where http on loopback is allowed.</param>
    /// <exception cref="InvalidOperationException">It is missing or no URL of an MCP server; the message says what to set.</exception>
    public static HomeServer Parse(string? configured, bool development)
    {
        if (string.IsNullOrWhiteSpace(configured))
        {
            throw new InvalidOperationException(
                "The setting 'HomeServer' is missing. Set it to the URL of the MCP server to sign in to, for example http://localhost:5200/mcp.");
        }

        if (!Uri.TryCreate(configured, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")
            || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
        {
            throw new InvalidOperationException(
                $"The setting 'HomeServer' is '{configured}': it must be an absolute http or https URL without fragment or user name.");
        }

        if (url.Scheme == "http" && !(development && url.IsLoopback))
        {
            throw new InvalidOperationException(
                $"The setting 'HomeServer' is '{configured}': plain http is for loopback hosts in Development only. Use https.");
        }

        return new HomeServer(url, configured);
    }
}
