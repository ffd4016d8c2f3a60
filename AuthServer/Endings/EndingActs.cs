using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Endings;

/// <summary>
/// The acts that end sessions and grants, one method each, and nothing else ends them. Each commits in one transaction;
/// resource servers, clients and providers are told after it.
/// </summary>
internal sealed class EndingActs(AuthDbContext database, TimeProvider time, AuditLog audit)
{
    /// <summary>A token of the grant was revoked or used twice: ends that grant.</summary>
    internal async Task EndGrantAsync(string grantId, EndReason reason, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var ended = await database.Grants.Where(grant => grant.Id == grantId && grant.EndedAt == null).ExecuteUpdateAsync(
            row => row.SetProperty(grant => grant.EndedAt, now).SetProperty(grant => grant.EndReason, reason), cancellationToken);
        if (ended > 0)
        {
            audit.GrantEnded(grantId, reason);
        }
    }

    /// <summary>A sign-out, "end this session", or the provider ended it: ends the session and the grants that are bound to it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="reason">What its grants are ended for: <see cref="EndReason.SessionEnded"/> or <see cref="EndReason.UpstreamEnded"/>.</param>
    /// <param name="cancellationToken">Stops the work before it is committed.</param>
    internal async Task EndSessionAsync(Session session, EndReason reason, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Sessions.Where(row => row.Id == session.Id && row.EndedAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(column => column.EndedAt, now), cancellationToken);
        var ended = await database.Grants.Where(grant => grant.SessionId == session.Id && grant.EndedAt == null).ExecuteUpdateAsync(
            row => row.SetProperty(grant => grant.EndedAt, now).SetProperty(grant => grant.EndReason, reason), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        audit.SessionEnded(session.AccountId, session.Id, ended);
    }

    /// <summary>The provider's back-channel logout: without a sid, all sessions of that person from that provider.</summary>
    internal async Task EndSessionsOfProviderAsync(string provider, string subject, string? sid, CancellationToken cancellationToken)
    {
        var sessions = await database.Sessions.AsNoTracking()
            .Where(session => session.EndedAt == null && session.Upstream!.Provider == provider && session.Upstream.Subject == subject)
            .Where(session => sid == null || session.Upstream!.Sid == sid)
            .ToListAsync(cancellationToken);
        foreach (var session in sessions)
        {
            await EndSessionAsync(session, EndReason.UpstreamEnded, cancellationToken);
        }
    }

    /// <summary>Ends all sessions and grants of a person.</summary>
    internal async Task EndEverythingAsync(string accountId, EndReason reason, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Sessions.Where(row => row.AccountId == accountId && row.EndedAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(column => column.EndedAt, now), cancellationToken);
        await database.Grants.Where(grant => grant.AccountId == accountId && grant.EndedAt == null).ExecuteUpdateAsync(
            row => row.SetProperty(grant => grant.EndedAt, now).SetProperty(grant => grant.EndReason, reason), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
