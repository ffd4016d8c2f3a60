using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.ClientWeb.Connections.Discovery;

/// <summary>What discovery found: where to sign in for the home server, and with which scopes.</summary>
/// <param name="AuthorizationServer">The authorization server.</param>
/// <param name="Scopes">The challenge's scopes, else those of the resource metadata.</param>
internal sealed record DiscoveredHome(AuthorizationServerMetadata AuthorizationServer, IReadOnlyList<string> Scopes);

/// <summary>
/// The way from an MCP server's URL to its authorization server, by the steps of MCP authorization: 401, resource
/// metadata (RFC 9728), authorization server metadata (RFC 8414).
/// </summary>
internal sealed class HomeDiscovery(OutboundGuard guard, MetadataReader metadata, HomeServer server)
{
    /// <summary>Walks the steps.</summary>
    /// <exception cref="ConnectionException">A step fails; the message says which rule or who does not answer.</exception>
    public async Task<DiscoveredHome> DiscoverAsync(CancellationToken cancellationToken)
    {
        var unauthorized = await UnauthorizedAnswer.AskAsync(guard, server, cancellationToken);
        var resource = await ReadResourceAsync(unauthorized.MetadataUrl, cancellationToken);
        var authorizationServer = await ReadAuthorizationServerAsync(resource.AuthorizationServer, cancellationToken);
        return new DiscoveredHome(authorizationServer, unauthorized.Scopes.Count > 0 ? unauthorized.Scopes : resource.ScopesSupported);
    }

    private async Task<ProtectedResourceMetadata> ReadResourceAsync(Uri? named, CancellationToken cancellationToken)
    {
        var candidates = named is null ? WellKnownUrls.OfProtectedResource(server.Url) : [named];
        var found = await metadata.FirstAsync(candidates, cancellationToken)
            ?? throw new ConnectionException($"{server.Host} has no protected resource metadata where it should be.");
        return ProtectedResourceMetadata.Read(found.Document, server);
    }

    private async Task<AuthorizationServerMetadata> ReadAuthorizationServerAsync(string issuer, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var url) || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            throw new ConnectionException($"'{issuer}' is not the URL of an authorization server.");
        }

        var found = await metadata.FirstAsync(WellKnownUrls.OfAuthorizationServer(url), cancellationToken)
            ?? throw new ConnectionException($"{issuer} has no authorization server metadata.");
        return AuthorizationServerMetadata.Read(found.Document, issuer, CheckUrl);
    }

    private void CheckUrl(Uri url)
    {
        try
        {
            guard.Check(url);
        }
        catch (OutboundException exception)
        {
            throw new ConnectionException(exception.Message, inner: exception);
        }
    }
}
