namespace McpAspire.ClientWeb.Connections.Discovery;

/// <summary>Where metadata is looked for, in the order in which it is.</summary>
internal static class WellKnownUrls
{
    /// <summary>
    /// Protected resource metadata where the challenge names none: at the path of the MCP endpoint, then at the root
    /// (RFC 9728 §3.1; MCP authorization, "Protected Resource Metadata Discovery Requirements").
    /// </summary>
    public static IEnumerable<Uri> OfProtectedResource(Uri resource)
    {
        yield return Insert(resource, "oauth-protected-resource");
        if (resource.AbsolutePath != "/")
        {
            yield return Insert(new Uri(resource, "/"), "oauth-protected-resource");
        }
    }

    /// <summary>
    /// Authorization server metadata: RFC 8414 §3.1 with the path inserted, then OpenID Connect Discovery inserted,
    /// then appended (MCP authorization, "Authorization Server Metadata Discovery").
    /// </summary>
    public static IEnumerable<Uri> OfAuthorizationServer(Uri issuer)
    {
        yield return Insert(issuer, "oauth-authorization-server");
        yield return Insert(issuer, "openid-configuration");
        if (issuer.AbsolutePath != "/")
        {
            yield return new Uri(issuer.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/.well-known/openid-configuration");
        }
    }

    private static Uri Insert(Uri url, string name) =>
        new($"{url.GetLeftPart(UriPartial.Authority)}/.well-known/{name}{(url.AbsolutePath == "/" ? "" : url.AbsolutePath.TrimEnd('/'))}{url.Query}");
}
