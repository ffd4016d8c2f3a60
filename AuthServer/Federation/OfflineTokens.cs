using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.Revoking;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Federation;

/// <summary>The one token of a provider for each person, on which applications hang that stay connected after the session.</summary>
internal sealed class OfflineTokens(
    AuthDbContext database, UpstreamTokenProtection protection, TokenFamily family, UnneededTokens unneeded, TimeProvider time)
{
    /// <summary>
    /// True where the provider can give one and the person has none on which something hangs: one that was kept from
    /// applications long gone may have died unnoticed, and its refusal would end everything.
    /// </summary>
    internal async Task<bool> IsMissingAsync(Provider? provider, UpstreamSession upstream, CancellationToken cancellationToken)
    {
        var hanging = Hanging.Where(grant => grant.EndedAt == null);
        return provider is { Offline: not OfflineAccess.None } && await database.Links.AnyAsync(
            link => link.Provider == upstream.Provider && link.Subject == upstream.Subject
                && (link.OfflineToken == null || !hanging.Any(grant => grant.Provider == link.Provider && grant.UpstreamSubject == link.Subject)),
            cancellationToken);
    }

    /// <summary>The links whose token no application hangs on, nor did lately; one that can refresh no more hangs on nothing.</summary>
    internal IQueryable<Link> Unused(DateTimeOffset now, DateTimeOffset quietSince)
    {
        var (idle, old) = (now - GrantStore.RefreshIdle - Sessions.UseInterval, now - GrantStore.RefreshLifetime);
        var hanging = Hanging.Where(grant => (grant.EndedAt == null && grant.LastUsedAt > idle && grant.AuthorizedAt > old) || grant.EndedAt > quietSince);
        return database.Links.Where(
            link => link.OfflineToken != null && (link.AskedAt == null || link.AskedAt <= quietSince)
                && !hanging.Any(grant => grant.Provider == link.Provider && grant.UpstreamSubject == link.Subject));
    }

    /// <summary>Keeps a token in place of the one that the person has; that one is revoked, unless it ends with this one.</summary>
    internal async Task KeepAsync(string provider, string subject, string token, CancellationToken cancellationToken)
    {
        var wrapped = protection.Wrap(token);
        var now = time.GetUtcNow();
        await using var transaction = await database.BeginInTurnAsync(cancellationToken);
        var links = database.Links.Where(link => link.Provider == provider && link.Subject == subject);
        if (await links.AsNoTracking().FirstOrDefaultAsync(cancellationToken) is { OfflineToken: { } old } link && !family.AreOne(provider, old, token))
        {
            unneeded.Add(provider, link.AccountId, old);
        }

        await links.ExecuteUpdateAsync(
            row => row
                .SetProperty(link => link.OfflineToken, wrapped)
                .SetProperty(link => link.AskedAt, now)
                .SetProperty(link => link.SilentSince, (DateTimeOffset?)null),
            cancellationToken);
        await unneeded.SaveAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>What the provider itself granted has no refresh, by which a dead token would be noticed.</summary>
    private IQueryable<Grant> Hanging => database.Grants.Where(grant => grant.GivenInSession != string.Empty);
}
