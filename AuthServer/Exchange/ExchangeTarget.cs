using McpAspire.AuthServer.Authorize;
using McpAspire.ServiceDefaults.PublicUrls;

namespace McpAspire.AuthServer.Exchange;

/// <summary>The one resource that tokens are exchanged for: what this server itself knows of a person.</summary>
internal sealed class ExchangeTarget(PublicUrl issuer)
{
    private readonly string _canonical = ResourceIndicators.Canonical(issuer.Of("/account"))!;

    /// <summary>Its identifier, which becomes <c>aud</c>.</summary>
    internal string Resource { get; } = issuer.Of("/account");

    /// <summary>True where a request names it, or none: there is no other.</summary>
    internal bool IsMeant(IEnumerable<string> named) => named.All(resource => ResourceIndicators.Canonical(resource) == _canonical);
}
