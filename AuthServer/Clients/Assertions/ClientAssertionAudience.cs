using McpAspire.AuthServer.Discovery;
using McpAspire.ServiceDefaults.PublicUrls;

namespace McpAspire.AuthServer.Clients.Assertions;

/// <summary>
/// For whom a client assertion may be made: by RFC 7523 §3 and RFC 9126 §2 the issuer, the token endpoint or the endpoint
/// of pushed requests; by <see cref="ClientAssertionOptions.Audience"/> the issuer only.
/// </summary>
internal sealed class ClientAssertionAudience(ClientAssertionOptions options, PublicUrl issuer)
{
    private readonly string[] _taken = options.Audience == ClientAssertionOptions.IssuerOnly
        ? [issuer.Value]
        : [issuer.Value, issuer.Of(Endpoints.Token), issuer.Of(Endpoints.PushedAuthorization)];

    /// <summary>What a client should write.</summary>
    internal string Issuer { get; } = issuer.Value;

    internal bool Takes(string audience) => _taken.Contains(audience);
}
