using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.Refreshing;
using McpAspire.AuthServer.Grants;

namespace McpAspire.AuthServer.SignIn;

/// <summary>The session of the browser that asks, if it has a living one.</summary>
internal sealed class CurrentSession(Sessions sessions, ProviderSet providers, EndingActs endings, TimeProvider time)
{
    /// <summary>The living session of the browser's cookie, which lives on with it.</summary>
    internal async Task<Session?> FindAsync(HttpContext context)
    {
        if (await SessionCookie.ReadAsync(context) is not var (stamp, expiresAt))
        {
            return null;
        }

        var session = await FindAsync(stamp, context.RequestAborted);
        if (session is not null && expiresAt - time.GetUtcNow() < SessionCookie.IdleLifetime / 2)
        {
            await SessionCookie.SignInAsync(context, session);
        }

        return session;
    }

    /// <summary>The living session of which a browser holds that stamp.</summary>
    internal async Task<Session?> FindAsync(SessionStamp stamp, CancellationToken cancellationToken) =>
        await sessions.FindAsync(stamp.Sid, cancellationToken) is { } session && stamp.Fits(session) ? await UseAsync(session, cancellationToken) : null;

    /// <summary>
    /// The browser's session, where the person proved who they are after that: a copied cookie, or a press on a link, is
    /// not enough for what asks for this.
    /// </summary>
    internal async Task<Session?> FindFreshAsync(HttpContext context, DateTimeOffset since) =>
        await FindAsync(context) is { } session && session.AuthenticatedAt >= since ? session : null;

    /// <summary>
    /// The living session that a sign-in of the same person goes on with. It proves them anew and makes the stamp anew, so
    /// a former one will do: that of another tab, which was signed in first.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="sid">The session that the browser is known to have where it sent no cookie; null where it is not.</param>
    internal async Task<Session?> FindToSignInAsync(HttpContext context, string? sid = null) =>
        ((await SessionCookie.ReadAsync(context))?.Stamp.Sid ?? sid) is { } had && await sessions.FindAsync(had, context.RequestAborted) is { } session
            ? await UseAsync(session, context.RequestAborted)
            : null;

    /// <returns>Null where the session has just ended by its age.</returns>
    private async Task<Session?> UseAsync(Session session, CancellationToken cancellationToken)
    {
        if (SessionAge.IsOver(providers.Find(session.Upstream?.Provider), session.Upstream, time.GetUtcNow()))
        {
            await endings.EndSessionAsync(session, EndReason.UpstreamEnded, cancellationToken);
            return null;
        }

        await sessions.UseAsync(session.Id, cancellationToken);
        return session;
    }
}
