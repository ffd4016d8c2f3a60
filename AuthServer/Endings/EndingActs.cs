using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Federation.LoggingOut;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Endings;

/// <summary>
/// The acts that end sessions and grants, one method each, and nothing else ends them. Each commits in one transaction
/// what ended and, in the outboxes, who must learn of it. Each begins with the rows that a token request under way
/// writes too (<see cref="Tokens.Redemption.RedeemOnce"/>, <see cref="Tokens.Redemption.IRefreshWriter"/>), so that one waits for the other and nothing is left alive. Those that end
/// many rows take turns.
/// </summary>
internal sealed class EndingActs(AuthDbContext database, EndingOutbox outbox, ProviderSet providers, TimeProvider time, AuditLog audit)
{
    /// <summary>A token of the grant was revoked or used twice: ends that grant.</summary>
    internal async Task EndGrantAsync(string grantId, EndReason reason, CancellationToken cancellationToken)
    {
        // One row, so there is nobody to wait for in a circle, and replays and revocations need no turn.
        await using var transaction = await database.BeginAsync(cancellationToken);
        var ended = await EndGrantsAsync(database.Grants.Where(grant => grant.Id == grantId), reason, cancellationToken);
        outbox.Revoke(ended);
        await outbox.CommitAsync(transaction, cancellationToken);
        Audit(ended, reason);
    }

    /// <summary>The person removed an application: ends every grant of theirs to it, and what they consented to.</summary>
    internal async Task RemoveApplicationAsync(string accountId, string clientId, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginInTurnAsync(cancellationToken);
        // A code that was given and not yet redeemed has no grant yet.
        await database.Tokens
            .Where(token => token.Subject == accountId && token.Application!.ClientId == clientId && token.Status == Statuses.Valid)
            .ExecuteUpdateAsync(row => row.SetProperty(token => token.Status, Statuses.Revoked), cancellationToken);
        await database.Consents.Where(consent => consent.AccountId == accountId && consent.ClientId == clientId)
            .ExecuteDeleteAsync(cancellationToken);
        var ended = await EndGrantsAsync(
            database.Grants.Where(grant => grant.AccountId == accountId && grant.ClientId == clientId), EndReason.ApplicationRemoved, cancellationToken);
        outbox.Revoke(ended);
        await outbox.CommitAsync(transaction, cancellationToken);
        audit.ApplicationRemoved(accountId, clientId);
        Audit(ended, EndReason.ApplicationRemoved);
    }

    /// <summary>A sign-out, "end this session", or the provider ended it: ends the session and the grants that are bound to it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="reason">What its grants are ended for: <see cref="EndReason.SessionEnded"/> or <see cref="EndReason.UpstreamEnded"/>.</param>
    /// <param name="cancellationToken">Stops the work before it is committed.</param>
    internal async Task EndSessionAsync(Session session, EndReason reason, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginInTurnAsync(cancellationToken);
        await EndSessionsAsync(transaction, database.Sessions.Where(row => row.Id == session.Id), reason, cancellationToken);
    }

    /// <summary>
    /// The person changed their password: ends every session of theirs but the one in which they did, and every grant that
    /// was not given in it, standalone ones too. Whoever knew the old password may have given those.
    /// </summary>
    /// <param name="transaction">The transaction in which the password was changed; it is committed here.</param>
    /// <param name="session">The session that goes on.</param>
    /// <param name="cancellationToken">Stops the work before it is committed.</param>
    internal async Task EndAllOthersAsync(IDbContextTransaction transaction, Session session, CancellationToken cancellationToken)
    {
        var sessions = await EndLivingAsync(
            database.Sessions.Where(row => row.AccountId == session.AccountId && row.Id != session.Id), cancellationToken);
        var grants = await EndGrantsAsync(
            database.Grants.Where(grant => grant.AccountId == session.AccountId && grant.GivenInSession != session.Id), EndReason.PasswordChanged, cancellationToken);
        outbox.Revoke(sessions);
        outbox.Revoke(grants.Where(grant => grant.SessionId is null));
        // A notice of a standalone grant names the person alone: it would sign them out of an application that they go on with here.
        var stays = await database.Grants.Where(grant => grant.AccountId == session.AccountId && grant.EndedAt == null)
            .Select(grant => grant.ClientId).Distinct().ToListAsync(cancellationToken);
        await outbox.TellAsync(
            sessions, [.. grants.Where(grant => grant.SessionId is not null || !stays.Contains(grant.ClientId))], tellProviders: true, cancellationToken);
        await outbox.CommitAsync(transaction, cancellationToken);
        Audit(sessions, EndReason.PasswordChanged);
        Audit(grants, EndReason.PasswordChanged);
    }

    /// <summary>The identity provider ended the person's session there: ends the sessions here that hang on it.</summary>
    /// <param name="provider">The provider's key.</param>
    /// <param name="subject">The person's <c>sub</c> there; null where the provider named only its session.</param>
    /// <param name="sid">The provider's session; null where all of the person's sessions from that provider end.</param>
    /// <param name="until">
    /// What is newer goes on: where no session is named, one that the provider gave or confirmed after this; where one is
    /// named, one of that name in which the person proved after this who they are (Keycloak gives a name again).
    /// </param>
    /// <param name="cancellationToken">Stops the work before it is committed.</param>
    internal async Task EndSessionsOfProviderAsync(string provider, string? subject, string? sid, DateTimeOffset until, CancellationToken cancellationToken)
    {
        if (subject is null && sid is null)
        {
            throw new ArgumentException("A provider names a person, a session, or both.", nameof(subject));
        }

        var sessions = database.Sessions.Where(row => row.Upstream!.Provider == provider);
        sessions = subject is null ? sessions : sessions.Where(row => row.Upstream!.Subject == subject);
        sessions = sid is null ? sessions.Where(row => row.Upstream!.ConfirmedAt <= until) : sessions.Where(row => row.Upstream!.Sid == sid && row.AuthenticatedAt <= until);
        await using var transaction = await database.BeginInTurnAsync(cancellationToken);
        if (sid is not null)
        {
            await RememberAsync(provider, sid, cancellationToken);
        }

        await EndSessionsAsync(transaction, sessions, EndReason.UpstreamEnded, cancellationToken);
    }

    /// <summary>
    /// The person unlinked a provider: ends the sessions begun there, and the standalone grants that hang on it. Nobody
    /// could ask that provider about them any more.
    /// </summary>
    /// <param name="transaction">The transaction in which the links were taken away; it is committed here.</param>
    /// <param name="accountId">The person.</param>
    /// <param name="provider">The provider's key.</param>
    /// <param name="removed">The links, as they were.</param>
    /// <param name="cancellationToken">Stops the work before it is committed.</param>
    internal async Task EndUnlinkedAsync(
        IDbContextTransaction transaction, string accountId, string provider, IReadOnlyCollection<Link> removed, CancellationToken cancellationToken)
    {
        var sessions = await EndLivingAsync(
            database.Sessions.Where(session => session.AccountId == accountId && session.Upstream!.Provider == provider), cancellationToken);
        var ids = sessions.Select(session => session.Id).ToArray();
        var grants = await EndGrantsAsync(
            database.Grants.Where(grant => ids.Contains(grant.SessionId)
                || (grant.AccountId == accountId && grant.SessionId == null && grant.Provider == provider)),
            EndReason.Unlinked, cancellationToken);
        outbox.Revoke(sessions);
        outbox.Revoke(grants.Where(grant => grant.SessionId is null));
        outbox.RevokeTokens(sessions);
        outbox.RevokeTokens(removed);
        await outbox.TellAsync(sessions, grants, tellProviders: false, cancellationToken);
        await outbox.CommitAsync(transaction, cancellationToken);
        Audit(sessions, EndReason.Unlinked);
        Audit(grants, EndReason.Unlinked);
    }

    /// <summary>
    /// "Sign out everywhere", the account was disabled here, or the provider ended the person's offline authorization:
    /// ends all their sessions and grants.
    /// </summary>
    /// <param name="accountId">The person.</param>
    /// <param name="reason">
    /// <see cref="EndReason.SignedOutEverywhere"/>, <see cref="EndReason.UpstreamEnded"/>, or
    /// <see cref="EndReason.AccountDisabled"/>, which disables the account in the same transaction.
    /// </param>
    /// <param name="cancellationToken">Stops the work before it is committed.</param>
    internal async Task EndEverythingAsync(string accountId, EndReason reason, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var transaction = await database.BeginInTurnAsync(cancellationToken);
        if (reason == EndReason.AccountDisabled)
        {
            await database.Accounts.Where(account => account.Id == accountId && account.DisabledAt == null)
                .ExecuteUpdateAsync(row => row.SetProperty(account => account.DisabledAt, now), cancellationToken);
        }

        var sessions = await EndLivingAsync(database.Sessions.Where(session => session.AccountId == accountId), cancellationToken);
        var grants = await EndGrantsAsync(database.Grants.Where(grant => grant.AccountId == accountId), reason, cancellationToken);
        outbox.RevokeAll(accountId, sessions, grants);
        await EndOfflineTokensAsync(accountId, tellProviders: reason != EndReason.UpstreamEnded, cancellationToken);
        await TellAsync(sessions, grants, reason, cancellationToken);
        await outbox.CommitAsync(transaction, cancellationToken);
        audit.EverythingEnded(accountId, reason, sessions.Count, grants.Count);
        Audit(grants, reason);
    }

    /// <summary>Lets a disabled person sign in again. What had ended stays ended.</summary>
    internal async Task EnableAsync(string accountId, CancellationToken cancellationToken)
    {
        var enabled = await database.Accounts.Where(account => account.Id == accountId && account.DisabledAt != null)
            .ExecuteUpdateAsync(row => row.SetProperty(account => account.DisabledAt, (DateTimeOffset?)null), cancellationToken);
        if (enabled > 0)
        {
            audit.AccountEnabled(accountId);
        }
    }

    /// <summary>
    /// Who must learn of it. A provider that is asked to end its sessions does so a moment later: a sign-in that rides on
    /// one meanwhile must not begin a session that dies at once.
    /// </summary>
    private async Task TellAsync(List<Session> sessions, List<Grant> grants, EndReason reason, CancellationToken cancellationToken)
    {
        var tellProviders = reason != EndReason.UpstreamEnded;
        await outbox.TellAsync(sessions, grants, tellProviders, cancellationToken);
        foreach (var (provider, sid) in sessions
            .Where(session => tellProviders && session.Upstream is { Token: not null, Sid: not null } upstream && providers.Find(upstream.Provider) is { EndsSessions: true })
            .Select(session => (session.Upstream!.Provider, session.Upstream.Sid!)).Distinct())
        {
            await RememberAsync(provider, sid, cancellationToken);
        }
    }

    /// <summary>So that a sign-in under way begins no session that hangs on it (<see cref="Sessions.BeginUpstreamAsync"/>).</summary>
    private async Task RememberAsync(string provider, string sid, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var known = await database.UpstreamEndings.Where(ending => ending.Provider == provider && ending.Sid == sid)
            .ExecuteUpdateAsync(row => row.SetProperty(ending => ending.EndedAt, now), cancellationToken);
        if (known == 0)
        {
            database.UpstreamEndings.Add(new UpstreamEnding { Provider = provider, Sid = sid, EndedAt = now });
        }
    }

    private async Task EndSessionsAsync(
        IDbContextTransaction transaction, IQueryable<Session> which, EndReason reason, CancellationToken cancellationToken)
    {
        var sessions = await EndLivingAsync(which, cancellationToken);
        var ids = sessions.Select(session => session.Id).ToArray();
        var grants = await EndGrantsAsync(database.Grants.Where(grant => ids.Contains(grant.SessionId)), reason, cancellationToken);
        outbox.Revoke(sessions);
        await TellAsync(sessions, grants, reason, cancellationToken);
        await outbox.CommitAsync(transaction, cancellationToken);
        Audit(sessions, reason);
        Audit(grants, reason);
    }

    /// <summary>Nothing hangs on the providers' offline tokens any more: they are forgotten here and revoked there.</summary>
    private async Task EndOfflineTokensAsync(string accountId, bool tellProviders, CancellationToken cancellationToken)
    {
        var links = database.Links.Where(link => link.AccountId == accountId && link.OfflineToken != null);
        if (tellProviders)
        {
            outbox.RevokeTokens(await links.AsNoTracking().ToListAsync(cancellationToken));
        }

        await links.ExecuteUpdateAsync(row => row.SetProperty(link => link.OfflineToken, (byte[]?)null), cancellationToken);
    }

    private async Task<List<Session>> EndLivingAsync(IQueryable<Session> which, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var living = await which.AsNoTracking().Where(session => session.EndedAt == null).ToListAsync(cancellationToken);
        var ids = living.Select(session => session.Id).ToArray();
        await database.Sessions.Where(session => ids.Contains(session.Id) && session.EndedAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(session => session.EndedAt, now), cancellationToken);
        return living;
    }

    private async Task<List<Grant>> EndGrantsAsync(IQueryable<Grant> which, EndReason reason, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var living = await which.AsNoTracking().Where(grant => grant.EndedAt == null).ToListAsync(cancellationToken);
        var ids = living.Select(grant => grant.Id).ToArray();
        await database.Grants.Where(grant => ids.Contains(grant.Id) && grant.EndedAt == null).ExecuteUpdateAsync(
            row => row.SetProperty(grant => grant.EndedAt, now).SetProperty(grant => grant.EndReason, reason), cancellationToken);
        return living;
    }

    private void Audit(List<Session> ended, EndReason reason)
    {
        foreach (var session in ended)
        {
            audit.SessionEnded(session.AccountId, session.Id, reason);
        }
    }

    private void Audit(List<Grant> ended, EndReason reason)
    {
        foreach (var grant in ended)
        {
            audit.GrantEnded(grant.AccountId, grant.ClientId, grant.Id, reason);
        }
    }
}
