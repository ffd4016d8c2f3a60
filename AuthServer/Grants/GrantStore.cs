using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Grants;

/// <summary>The grants: begun or widened when a code is redeemed.</summary>
internal sealed class GrantStore(AuthDbContext database, TimeProvider time)
{
    /// <summary>How long an unused refresh token lives.</summary>
    internal static readonly TimeSpan RefreshIdle = TimeSpan.FromDays(30);

    /// <summary>How long refresh tokens reach after the person last acted.</summary>
    internal static readonly TimeSpan RefreshLifetime = TimeSpan.FromDays(90);

    internal async Task<Grant?> FindAsync(string id, CancellationToken cancellationToken) =>
        await database.Grants.AsNoTracking().FirstOrDefaultAsync(grant => grant.Id == id, cancellationToken);

    /// <summary>The living grant that a new authorization of the same client, resource and session widens.</summary>
    internal async Task<Grant?> FindToWidenAsync(
        string clientId, string resource, string sid, bool standalone, CancellationToken cancellationToken) =>
        await database.Grants.AsNoTracking().FirstOrDefaultAsync(
            grant => grant.ClientId == clientId && grant.Resource == resource && grant.GivenInSession == sid
                && grant.EndedAt == null && (grant.SessionId == null) == standalone,
            cancellationToken);

    /// <summary>The living grant by which a provider let a client act for a person at a resource: its next ID-JAG is for the same.</summary>
    internal async Task<Grant?> FindOfProviderAsync(string accountId, string clientId, string resource, string provider, CancellationToken cancellationToken) =>
        await database.Grants.AsNoTracking().FirstOrDefaultAsync(
            grant => grant.AccountId == accountId && grant.ClientId == clientId && grant.Resource == resource && grant.Provider == provider
                && grant.GivenInSession == string.Empty && grant.EndedAt == null,
            cancellationToken);

    /// <summary>Writes down a finished authorization: a new grant, or more scopes for the one that there is.</summary>
    internal async Task RecordAsync(Grant authorized, CancellationToken cancellationToken)
    {
        var grant = await database.Grants.FirstOrDefaultAsync(row => row.Id == authorized.Id, cancellationToken);
        if (grant is null)
        {
            database.Grants.Add(authorized);
        }
        else
        {
            grant.Scopes = string.Join(' ', grant.Scopes.Split(' ').Union(authorized.Scopes.Split(' ')));
            grant.AuthorizedAt = time.GetUtcNow();
            grant.LastUsedAt = grant.AuthorizedAt;
        }

        await database.SaveChangesAsync(cancellationToken);
    }
}
