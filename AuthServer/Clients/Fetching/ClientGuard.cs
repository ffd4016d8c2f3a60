using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.AuthServer.Clients.Fetching;

/// <summary>
/// Which outbound guard asks for a URL that a client names. What the operator lets pass (<c>Outbound:TrustedHosts</c>) is for
/// clients that the operator configured, and for one that describes itself on the origin of its id, since its document is
/// there. Who registers proves no host, and so reaches the public internet alone.
/// </summary>
internal sealed class ClientGuard(OutboundGuard guard)
{
    /// <summary>For the document that is at a client's id.</summary>
    internal OutboundGuard ForDocuments => guard;

    /// <param name="source">Where the client comes from.</param>
    /// <param name="clientId">Its id.</param>
    /// <param name="url">What it names.</param>
    internal OutboundGuard For(ClientSource source, string clientId, Uri url) => source switch
    {
        ClientSource.Configured => guard,
        ClientSource.MetadataDocument when IsSameOrigin(new Uri(clientId), url) => guard,
        _ => guard.ForStrangers,
    };

    private static bool IsSameOrigin(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer | UriComponents.StrongPort, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;
}
