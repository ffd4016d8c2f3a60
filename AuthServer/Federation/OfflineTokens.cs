using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Federation;

/// <summary>The one token of a provider for each person, on which applications hang that stay connected after the session.</summary>
internal sealed class OfflineTokens(AuthDbContext database, UpstreamTokenProtection protection, TimeProvider time)
{
    /// <summary>
    /// True where the provider can give one and the person has none on which something hangs: one that was kept from
    /// applications long gone may have died unnoticed, and its refusal would end everything.
    /// </summary>
    internal async Task<bool> IsMissingAsync(Provider? provider, UpstreamSession upstream, CancellationToken cancellationToken) =>
        provider is { Offline: not OfflineAccess.None } && await database.Links.AnyAsync(
            link => link.Provider == upstream.Provider && link.Subject == upstream.Subject
                && (link.OfflineToken == null || !database.Grants.Any(
                    grant => grant.Provider == link.Provider && grant.UpstreamSubject == link.Subject && grant.EndedAt == null
                        // What the provider itself granted has no refresh, by which a dead token would be noticed.
                        && grant.GivenInSession != string.Empty)),
            cancellationToken);

    internal async Task KeepAsync(string provider, string subject, string token, CancellationToken cancellationToken)
    {
        var wrapped = protection.Wrap(token);
        var now = time.GetUtcNow();
        await database.Links.Where(link => link.Provider == provider && link.Subject == subject).ExecuteUpdateAsync(
            row => row
                .SetProperty(link => link.OfflineToken, wrapped)
                .SetProperty(link => link.AskedAt, now)
                .SetProperty(link => link.SilentSince, (DateTimeOffset?)null),
            cancellationToken);
    }
}
