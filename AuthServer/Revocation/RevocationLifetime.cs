using McpAspire.AuthServer.Discovery;
using McpAspire.ServiceDefaults;

namespace McpAspire.AuthServer.Revocation;

/// <summary>
/// How long a revocation entry matters: as long as an access token that was made just before can be taken anywhere, its
/// verifier's and our own clock skew included, and a minute for a request that was under way.
/// </summary>
internal sealed class RevocationLifetime(IConfiguration configuration)
{
    private static readonly TimeSpan UnderWay = TimeSpan.FromMinutes(1);

    internal TimeSpan Value { get; } = ProtocolExtensions.AccessTokenLifetime(configuration) + ClockSkew.Allowed + ClockSkew.Allowed + UnderWay;
}
