using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Federation.Revoking;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Revocation;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.SignOut;
using McpAspire.AuthServer.Storage;
using McpAspire.ServiceDefaults.Revocation;
using Microsoft.EntityFrameworkCore.Storage;

namespace McpAspire.AuthServer.Endings;

/// <summary>
/// Writes down, in the transaction of an act, who must learn of it: resource servers (<see cref="StoredRevocation"/>),
/// clients and identity providers (<see cref="LogoutNotice"/>). What was committed is told even if this process ends now.
/// </summary>
internal sealed class EndingOutbox(
    AuthDbContext database, UnneededTokens unneeded, RevocationLifetime lifetime, RevocationSignal revocations, LogoutNoticeSignal notices, TimeProvider time)
{
    /// <summary>One entry for each grant.</summary>
    internal void Revoke(IEnumerable<Grant> grants) =>
        Add(grants.Select(grant => new RevocationEntry(RevokedKind.Grant, grant.Id, null, Expiry)));

    /// <summary>One entry for each session: it covers the grants that are bound to it.</summary>
    internal void Revoke(IEnumerable<Session> sessions) =>
        Add(sessions.Select(session => new RevocationEntry(RevokedKind.Session, session.Id, null, Expiry)));

    /// <summary>
    /// One entry for the person, and one for each session and standalone grant: they also cover a token that a request
    /// under way makes a moment later.
    /// </summary>
    internal void RevokeAll(string accountId, IEnumerable<Session> sessions, IEnumerable<Grant> grants)
    {
        Add([new RevocationEntry(RevokedKind.Subject, accountId, time.GetUtcNow(), Expiry)]);
        Revoke(sessions);
        Revoke(grants.Where(grant => grant.SessionId is null));
    }

    /// <summary>
    /// Notices for the clients that had grants, of each session by its <c>sid</c>, of standalone grants by the person
    /// alone; and for the providers of the sessions, where they don't know yet.
    /// </summary>
    internal async Task TellAsync(
        IReadOnlyCollection<Session> sessions, IReadOnlyCollection<Grant> grants, bool tellProviders, CancellationToken cancellationToken)
    {
        var profiles = await ClientProfiles.OfAsync(database, [.. grants.Select(grant => grant.ClientId).Distinct()], cancellationToken);
        var told = grants.Select(grant => (grant.ClientId, grant.AccountId, grant.SessionId)).Distinct()
            .Where(grant => profiles.GetValueOrDefault(grant.ClientId) is { LogoutUri: not null } profile
                && (grant.SessionId is not null || !profile.BackChannelLogoutSessionRequired))
            .Select(grant => Notice(NoticeKind.Client, grant.ClientId, grant.AccountId, grant.SessionId));
        database.LogoutNotices.AddRange(told);
        if (tellProviders)
        {
            database.LogoutNotices.AddRange(sessions.Where(session => session.Upstream?.Token is not null).Select(session =>
                Notice(NoticeKind.Provider, session.Upstream!.Provider, session.AccountId, session.Id, session.Upstream.Token)));
        }
    }

    /// <summary>Notices for the provider of sessions that ended here while it is not asked to end its own.</summary>
    internal void RevokeTokens(IEnumerable<Session> sessions)
    {
        foreach (var session in sessions)
        {
            unneeded.Add(session.Upstream, session.AccountId);
        }
    }

    /// <summary>Notices for the providers whose offline tokens are no longer of use.</summary>
    internal void RevokeTokens(IEnumerable<Link> links)
    {
        foreach (var link in links)
        {
            unneeded.Add(link.Provider, link.AccountId, link.OfflineToken);
        }
    }

    /// <summary>Commits the act and wakes those who tell.</summary>
    internal async Task CommitAsync(IDbContextTransaction transaction, CancellationToken cancellationToken)
    {
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        revocations.Set();
        notices.Set();
    }

    private DateTimeOffset Expiry => time.GetUtcNow() + lifetime.Value;

    private void Add(IEnumerable<RevocationEntry> entries) =>
        database.Revocations.AddRange(entries.Select(entry => new StoredRevocation { Member = entry.Member, ExpiresAt = entry.ExpiresAt }));

    private LogoutNotice Notice(NoticeKind kind, string target, string accountId, string? sessionId, byte[]? token = null) =>
        LogoutNotice.New(kind, target, accountId, sessionId, token, time.GetUtcNow());
}
