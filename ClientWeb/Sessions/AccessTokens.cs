using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ServiceDefaults.Outbound;
using Microsoft.Extensions.Options;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>
/// Gives the access token of a session for a call, renewed when it is about to end or was refused. However many
/// calls, circuits and replicas ask at once, one of them redeems the refresh token and the others wait for it.
/// Nothing here runs by itself: a session that nobody uses is not renewed.
/// </summary>
internal sealed partial class AccessTokens(
    SessionStore sessions, TokenClient tokenClient, IOptions<OutboundOptions> outbound, TimeProvider time, ILogger<AccessTokens> logger)
{
    private static readonly TimeSpan RenewAhead = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);

    // Longer than its holder can take: to read the session and the client key, and to ask the authorization server.
    private readonly TimeSpan _renewalLock = outbound.Value.Timeout + (3 * SessionsExtensions.RedisPatience);

    // Longer than a lock whose holder died.
    private TimeSpan WaitAtMost => _renewalLock + SessionsExtensions.RedisPatience;

    /// <summary>An access token that lives for a while yet.</summary>
    /// <exception cref="SignedOutException">The session has ended.</exception>
    /// <exception cref="ConnectionException">It could not be renewed now.</exception>
    public Task<string> GetAsync(string key, CancellationToken cancellationToken) =>
        UsableAsync(key, tokens => tokens.ExpiresAt - time.GetUtcNow() > RenewAhead, cancellationToken);

    /// <summary>Another access token than the one that the resource has just refused.</summary>
    /// <exception cref="SignedOutException">The session has ended.</exception>
    /// <exception cref="ConnectionException">It could not be renewed now.</exception>
    public Task<string> ReplaceAsync(string key, string refused, CancellationToken cancellationToken) =>
        UsableAsync(key, tokens => tokens.AccessToken != refused, cancellationToken);

    private async Task<string> UsableAsync(string key, Func<TokenSet, bool> isUsable, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var stored = await sessions.FindAsync(key) ?? throw new SignedOutException();
            if (isUsable(stored.Tokens))
            {
                return stored.Tokens.AccessToken;
            }

            await using (var renewal = await sessions.TryLockRenewalAsync(key, _renewalLock))
            {
                if (renewal is not null)
                {
                    // Read again: another may have renewed between our read and our turn.
                    stored = await sessions.FindAsync(key) ?? throw new SignedOutException();
                    if (isUsable(stored.Tokens))
                    {
                        return stored.Tokens.AccessToken;
                    }

                    if (await RenewAsync(key, stored) is { } renewed)
                    {
                        return renewed;
                    }
                }
            }

            if (time.GetElapsedTime(started) > WaitAtMost)
            {
                throw new ConnectionException("Your sign-in could not be renewed in time. Try again.", passing: true);
            }

            await Task.Delay(PollEvery, time, cancellationToken);
        }
    }

    // Not to be cancelled by whoever asked: a refresh token redeemed and then forgotten would end the session.
    // Null where the session changed meanwhile: what it is now has to be read again.
    private async Task<string?> RenewAsync(string key, StoredSession stored)
    {
        TokenSet tokens;
        try
        {
            tokens = await tokenClient.RefreshAsync(stored.Session.Server, stored.Session.Resource, stored.Tokens, CancellationToken.None);
        }
        catch (TokenRefusedException refused) when (refused.Error == "invalid_grant")
        {
            // Another may have redeemed the same refresh token before us: what it was given lives on.
            if (!await sessions.TryEndAsync(key, stored))
            {
                return null;
            }

            Ended(stored.Session.Server.Issuer);
            throw new SignedOutException();
        }
        catch (TokenRefusedException refused)
        {
            throw new ConnectionException($"Your sign-in could not be renewed. {refused.Message}", inner: refused);
        }

        Renewed(stored.Session.Server.Issuer, tokens.ExpiresAt);
        return await sessions.TryReplaceTokensAsync(key, stored, tokens) ? tokens.AccessToken : null;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Access token renewed at {Issuer}, good until {ExpiresAt}")]
    private partial void Renewed(string issuer, DateTimeOffset expiresAt);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Issuer} refused to renew a grant (invalid_grant): the session has ended")]
    private partial void Ended(string issuer);
}
