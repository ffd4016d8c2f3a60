using McpAspire.AuthServer.Clients.RedirectUris;
using McpAspire.AuthServer.Storage;
using McpAspire.ServiceDefaults.Outbound;
using McpAspire.ServiceDefaults.PublicUrls;

namespace McpAspire.AuthServer.Clients.Documents;

/// <summary>
/// Says which client ids are URLs of client ID metadata documents: https, with a path, without fragment, user name
/// and dot segments. http is a deviation of Development, while our own issuer is on loopback.
/// </summary>
internal sealed class DocumentAddress(PublicUrl issuer, IHostEnvironment environment)
{
    internal static bool LooksLikeUrl(string clientId) => clientId.Contains("://", StringComparison.Ordinal);

    /// <exception cref="ClientRefusedException">It is a URL, but not one that a client id may be.</exception>
    internal Uri Check(string clientId)
    {
        if (!RedirectUri.IsPlain(clientId))
        {
            throw new ClientRefusedException("A client_id that is a URL has characters that no URL has (RFC 3986 §2): percent-encode them.");
        }

        if (clientId.Length > AuthDbContext.ClientIdLength || !Uri.TryCreate(clientId, UriKind.Absolute, out var url)
            || url.Scheme is not ("https" or "http") || url.UserInfo.Length > 0 || clientId.Contains('#', StringComparison.Ordinal)
            || AsciiHost.Of(url) is not { } host || host.EndsWith('.'))
        {
            throw new ClientRefusedException(
                "A client_id that is a URL must be https, with a host that DNS can know and no dot at its end, without fragment and user name, "
                + $"and at most {AuthDbContext.ClientIdLength} characters long.");
        }

        if (url.AbsolutePath.Length < 2 || HasDotSegment(clientId))
        {
            throw new ClientRefusedException("A client_id that is a URL needs a path, without dot segments.");
        }

        if (url.Scheme == "http" && !(environment.IsDevelopment() && issuer.IsLoopback && PublicUrl.IsLoopbackName(url.Host)))
        {
            throw new ClientRefusedException("A client_id that is a URL must be https.");
        }

        return url;
    }

    /// <summary>Looks at the text, since <see cref="Uri"/> has resolved them: <c>%2e</c> is a dot to it.</summary>
    private static bool HasDotSegment(string clientId) =>
        clientId.Split('?')[0].Replace("%2e", ".", StringComparison.OrdinalIgnoreCase).Split('/').Any(segment => segment is "." or "..");
}
