using McpAspire.ServiceDefaults.PublicUrls;

namespace McpAspire.McpServer.Authorization;

/// <summary>
/// Who this resource server is and whom it trusts. All of it comes from configuration, so that no request can change
/// what tokens, metadata and challenges say.
/// </summary>
internal sealed class ResourceIdentity
{
    /// <summary>The path of the MCP endpoint.</summary>
    public const string McpPath = "/mcp";

    /// <summary>The well-known path of protected resource metadata (RFC 9728 §3).</summary>
    public const string MetadataPath = "/.well-known/oauth-protected-resource";

    /// <summary>Derives the identities.</summary>
    /// <param name="publicUrl">Our own URL.</param>
    /// <param name="issuer">The authorization server's issuer.</param>
    public ResourceIdentity(PublicUrl publicUrl, string issuer)
    {
        Resource = publicUrl.Of(McpPath);
        // RFC 9728 §3.1: the well-known part goes between the host and the resource's own path.
        MetadataUrl = publicUrl.Origin + MetadataPath + new Uri(Resource).AbsolutePath;
        Issuer = issuer;
    }

    /// <summary>The resource identifier (RFC 8707 §2), which tokens must name as an audience.</summary>
    public string Resource { get; }

    /// <summary>The URL of the protected resource metadata, as challenges name it (RFC 9728 §5.1).</summary>
    public string MetadataUrl { get; }

    /// <summary>The issuer identifier of the authorization server (RFC 8414 §2), compared character by character.</summary>
    public string Issuer { get; }

    /// <summary>Reads the setting <c>AuthorizationServer</c>.</summary>
    /// <param name="authorizationServer">The configured issuer.</param>
    /// <param name="development">True in Development, where http on loopback is allowed.</param>
    /// <exception cref="InvalidOperationException">The setting is missing or no issuer; the message says what to set.</exception>
    public static string ReadIssuer(string? authorizationServer, bool development)
    {
        if (string.IsNullOrWhiteSpace(authorizationServer))
        {
            throw new InvalidOperationException(
                "The setting 'AuthorizationServer' is missing. Set it to the issuer whose tokens are accepted, exactly as its tokens spell it, "
                + "for example http://localhost:5100.");
        }

        if (!Uri.TryCreate(authorizationServer, UriKind.Absolute, out var issuer) || issuer.Scheme is not ("https" or "http")
            || issuer.Query.Length > 0 || issuer.Fragment.Length > 0 || issuer.UserInfo.Length > 0)
        {
            throw new InvalidOperationException(
                $"The setting 'AuthorizationServer' is '{authorizationServer}': an issuer is an absolute https URL without query, fragment or "
                + "user name (RFC 8414 §2).");
        }

        if (issuer.Scheme == "http" && !(development && issuer.IsLoopback))
        {
            throw new InvalidOperationException(
                $"The setting 'AuthorizationServer' is '{authorizationServer}': plain http is for loopback hosts in Development only. Use https.");
        }

        return authorizationServer;
    }
}
