using McpAspire.AuthServer.Discovery;
using McpAspire.ServiceDefaults.PublicUrls;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// For whom a client assertion may be made: by RFC 7523 §3 and RFC 9126 §2 the issuer, the token endpoint or the endpoint
/// of pushed requests; where the setting <c>ClientAssertions:Audience</c> is <c>Issuer</c>, the issuer only.
/// </summary>
internal sealed class ClientAssertionAudience
{
    private const string Setting = "ClientAssertions:Audience";
    private const string Any = "Any";
    private const string IssuerOnly = "Issuer";

    private readonly string[] _taken;

    /// <exception cref="InvalidOperationException">The setting is neither.</exception>
    internal ClientAssertionAudience(IConfiguration configuration, PublicUrl issuer)
    {
        Issuer = issuer.Value;
        _taken = (configuration[Setting] ?? Any) switch
        {
            Any => [issuer.Value, issuer.Of(Endpoints.Token), issuer.Of(Endpoints.PushedAuthorization)],
            IssuerOnly => [issuer.Value],
            var other => throw new InvalidOperationException(
                $"The setting '{Setting}' is '{other}': set it to {IssuerOnly}, or to {Any} (the default) to take the token and pushed authorization endpoints too."),
        };
    }

    /// <summary>What a client should write.</summary>
    internal string Issuer { get; }

    internal bool Takes(string audience) => _taken.Contains(audience);
}
