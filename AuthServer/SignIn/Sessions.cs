using System.Diagnostics.CodeAnalysis;
using McpAspire.AuthServer.Federation.LoggingOut;
using McpAspire.AuthServer.Federation.Revoking;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.SignIn;

/// <summary>The sessions: begun by a sign-in, over 30 days after their last use at the latest.</summary>
internal sealed class Sessions(AuthDbContext database, UnneededTokens unneeded, TimeProvider time)
{
    /// <summary>How long a session lives after its last use.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>A use is written down at least this often, where it costs something no oftener.</summary>
    internal static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(1);

    /// <summary>The living session of that id, or null. Nobody uses one whose account is disabled, also where its sign-in was under way then.</summary>
    internal async Task<Session?> FindAsync(string sid, CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow() - Lifetime;
        return await database.Sessions.AsNoTracking().FirstOrDefaultAsync(
            session => session.Id == sid && session.EndedAt == null && session.LastUsedAt > oldest
                && database.Accounts.Any(account => account.Id == session.AccountId && account.DisabledAt == null),
            cancellationToken);
    }

    /// <summary>The rule of <see cref="FindAsync"/>, for a session that was read already.</summary>
    internal bool Lives([NotNullWhen(true)] Session? session, Account? account) =>
        session is { EndedAt: null } && session.LastUsedAt > time.GetUtcNow() - Lifetime
        && account is { DisabledAt: null } && account.Id == session.AccountId;

    /// <summary>Signs a person in. The same person keeps the session of this browser, with a new stamp; another one gets a new one.</summary>
    /// <param name="account">Who.</param>
    /// <param name="current">The browser's session, if it has one.</param>
    /// <param name="authenticatedAt">When they proved who they are; a session that knows of a later time keeps it.</param>
    /// <param name="upstream">The session at the provider; null where a password of ours was the proof.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    private async Task<Session> BeginAsync(
        Account account, Session? current, DateTimeOffset authenticatedAt, UpstreamSession? upstream, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var session = current?.AccountId == account.Id
            ? await database.Sessions.FirstOrDefaultAsync(row => row.Id == current.Id && row.EndedAt == null, cancellationToken)
            : null;
        if (session is null)
        {
            session = new Session { Id = RandomId.New(), AccountId = account.Id, CreatedAt = now, AuthenticatedAt = authenticatedAt, LastUsedAt = now };
            database.Sessions.Add(session);
        }

        session.AuthenticatedAt = authenticatedAt > session.AuthenticatedAt ? authenticatedAt : session.AuthenticatedAt;
        session.LastUsedAt = now;
        session.Stamp = SessionStamp.New();
        if (upstream is not null && !upstream.IsSameAs(session.Upstream))
        {
            unneeded.Add(session.Upstream, account.Id);
        }

        session.Upstream = upstream ?? session.Upstream;
        await unneeded.SaveAsync(cancellationToken);
        return session;
    }

    /// <summary>Signs a person in by a password of ours.</summary>
    /// <inheritdoc cref="BeginAsync"/>
    /// <returns>The session; null where the password was changed, or the account disabled, meanwhile.</returns>
    internal async Task<Session?> BeginByPasswordAsync(Account account, Session? current, DateTimeOffset authenticatedAt, CancellationToken cancellationToken)
    {
        // The write changes nothing and locks the account's row: either this one sees the change, or the change sees the session.
        await using var transaction = await database.BeginAsync(cancellationToken);
        var same = await database.Accounts.Where(row => row.Id == account.Id && row.PasswordHash == account.PasswordHash && row.DisabledAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(column => column.PasswordHash, column => column.PasswordHash), cancellationToken);
        if (same != 1)
        {
            return null;
        }

        var session = await BeginAsync(account, current, authenticatedAt, upstream: null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return session;
    }

    /// <summary>Signs a person in whom a provider signed in.</summary>
    /// <param name="account">Who.</param>
    /// <param name="current">The browser's session, if it has one.</param>
    /// <param name="authenticatedAt">When they proved who they are, as far as is known.</param>
    /// <param name="provedSince">
    /// They proved it then or later for certain: an ending before that was of an earlier session there, whose name the
    /// provider gave again.
    /// </param>
    /// <param name="upstream">The session at the provider.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The session; null where the provider has ended its own meanwhile.</returns>
    internal async Task<Session?> BeginUpstreamAsync(
        Account account, Session? current, DateTimeOffset authenticatedAt, DateTimeOffset provedSince, UpstreamSession upstream, CancellationToken cancellationToken)
    {
        // One transaction waits for the other: either this one sees the ending, or the ending sees the session.
        await using var transaction = await database.BeginInTurnAsync(cancellationToken);
        var oldest = time.GetUtcNow() - UpstreamEnding.Lifetime;
        if (await database.UpstreamEndings.AnyAsync(
            ending => ending.Provider == upstream.Provider && ending.Sid == upstream.Sid && ending.EndedAt > oldest && ending.EndedAt > provedSince, cancellationToken))
        {
            return null;
        }

        var session = await BeginAsync(account, current, authenticatedAt, upstream, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return session;
    }

    /// <summary>Makes the stamp of a living session anew: every cookie that was given before is nobody's.</summary>
    internal async Task RenewStampAsync(Session session, CancellationToken cancellationToken)
    {
        session.Stamp = SessionStamp.New();
        await database.Sessions.Where(row => row.Id == session.Id && row.EndedAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(column => column.Stamp, session.Stamp), cancellationToken);
    }

    /// <summary>Writes down that a session is in use.</summary>
    internal async Task UseAsync(string sid, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var earlier = now - UseInterval;
        await database.Sessions.Where(session => session.Id == sid && session.LastUsedAt < earlier)
            .ExecuteUpdateAsync(row => row.SetProperty(session => session.LastUsedAt, now), cancellationToken);
    }
}
