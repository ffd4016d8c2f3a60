using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// The rule of <c>backchannel_logout_uri</c> (OpenID Connect Back-Channel Logout §2.2): a URL that the outbound guard
/// would ask (https, or http on loopback in Development), without fragment; of a client that describes itself, on the
/// host of its id, and of one that registers, on the host of a redirect URI, so that nobody makes us post to another's server.
/// </summary>
internal sealed class BackChannelLogoutUri(OutboundGuard guard)
{
    /// <param name="value">What the client registers; null where it wants to be told nothing.</param>
    /// <param name="hosts">The hosts of which it must be on one; null for a client that the operator configured.</param>
    /// <exception cref="ClientRefusedException">The URL may not be registered; the message says why.</exception>
    internal string? Check(string? value, IReadOnlyCollection<string>? hosts)
    {
        if (value is null)
        {
            return null;
        }

        if (value.Length > ClientMetadata.LongestUrl || !Uri.TryCreate(value, UriKind.Absolute, out var uri) || value.Contains('#', StringComparison.Ordinal))
        {
            throw new ClientRefusedException($"The backchannel_logout_uri is not an absolute URL without fragment, of at most {ClientMetadata.LongestUrl} characters.");
        }

        try
        {
            guard.Check(uri);
        }
        catch (OutboundException exception)
        {
            throw new ClientRefusedException($"The backchannel_logout_uri can't be used: {exception.Message}");
        }

        return hosts is null || hosts.Contains(uri.IdnHost, StringComparer.OrdinalIgnoreCase)
            ? value
            : throw new ClientRefusedException(
                $"The backchannel_logout_uri must be on the host of the client_id or, of a registered client, of an https redirect URI: {string.Join(", ", hosts)}.");
    }
}
