using System.Security.Cryptography;
using System.Text.Json;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Federation.Revoking;

/// <summary>
/// Which tokens of a provider end together. Revoking one may end all that the provider gave us for the person (RFC 7009
/// §2.1), so that is assumed; of Keycloak it is known: all tokens of one session there, online and offline, which each
/// names as its <c>sid</c>.
/// </summary>
internal sealed class TokenFamily(AuthDbContext database, ProviderSet providers, UpstreamTokenProtection protection, TimeProvider time)
{
    /// <summary>True where revoking the token would end one that a session here or an application still hangs on.</summary>
    /// <param name="provider">The provider's key.</param>
    /// <param name="accountId">The person.</param>
    /// <param name="token">The token that is to be revoked.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    internal async Task<bool> IsNeededAsync(string provider, string accountId, string token, CancellationToken cancellationToken)
    {
        var sid = SidOf(provider, token);
        var oldest = time.GetUtcNow() - Sessions.Lifetime;
        var isSessions = await database.Sessions.AnyAsync(
            session => session.AccountId == accountId && session.Upstream!.Provider == provider && session.Upstream.Token != null
                && session.EndedAt == null && session.LastUsedAt > oldest
                && (sid == null || session.Upstream.Sid == null || session.Upstream.Sid == sid),
            cancellationToken);
        if (isSessions)
        {
            return true;
        }

        var kept = await database.Links.Where(link => link.AccountId == accountId && link.Provider == provider && link.OfflineToken != null)
            .Select(link => link.OfflineToken!).ToListAsync(cancellationToken);
        return kept.Exists(offline => sid is null || SidOf(provider, offline) is not { } other || other == sid);
    }

    /// <summary>True where the provider ends the old token with the new one for certain.</summary>
    internal bool AreOne(string provider, byte[] old, string successor) => SidOf(provider, old) is { } sid && sid == SidOf(provider, successor);

    private string? SidOf(string provider, byte[] wrapped)
    {
        try
        {
            return SidOf(provider, protection.Unwrap(wrapped));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The token was kept as the provider gave it, so its signature, which only the provider can check, says nothing more.</summary>
    private string? SidOf(string provider, string token)
    {
        if (providers.Find(provider) is not { Type: ProviderType.Keycloak } || token.Split('.') is not [_, { } payload, _])
        {
            return null;
        }

        try
        {
            using var claims = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(payload));
            return TokenEndpoint.Text(claims.RootElement, "sid");
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }
}
