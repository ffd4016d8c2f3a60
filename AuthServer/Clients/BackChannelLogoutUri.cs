using McpAspire.AuthServer.Clients.Fetching;
using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// The rule of <c>backchannel_logout_uri</c> (OpenID Connect Back-Channel Logout §2.2): a URL that the outbound guard
/// would ask (https, or http on loopback in Development), without fragment; of a client that describes itself, on the
/// host of its id. Who registers proves no host, not even by its redirect URIs (a person's own browser shows them the code
/// that goes there), and is told nothing: what it names is left out, so that nobody makes us post to another's server.
/// </summary>
internal sealed class BackChannelLogoutUri(ClientGuard guards)
{
    /// <param name="value">What the client registers; null where it wants to be told nothing.</param>
    /// <param name="source">Where the client comes from.</param>
    /// <param name="clientId">Its id.</param>
    /// <returns>Where it is told; null where it is not.</returns>
    /// <exception cref="ClientRefusedException">The URL may not be registered; the message says why.</exception>
    internal string? Check(string? value, ClientSource source, string clientId)
    {
        if (value is null || source == ClientSource.Registered)
        {
            return null;
        }

        if (value.Length > ClientMetadata.LongestUrl || !Uri.TryCreate(value, UriKind.Absolute, out var uri) || value.Contains('#', StringComparison.Ordinal))
        {
            throw new ClientRefusedException($"The backchannel_logout_uri is not an absolute URL without fragment, of at most {ClientMetadata.LongestUrl} characters.");
        }

        try
        {
            guards.For(source, clientId, uri).Check(uri);
        }
        catch (OutboundException exception)
        {
            throw new ClientRefusedException($"The backchannel_logout_uri can't be used: {exception.Message}");
        }

        return source == ClientSource.Configured || new Uri(clientId).IdnHost.Equals(uri.IdnHost, StringComparison.OrdinalIgnoreCase)
            ? value
            : throw new ClientRefusedException($"The backchannel_logout_uri must be on the host of the client_id: {new Uri(clientId).IdnHost}.");
    }
}
