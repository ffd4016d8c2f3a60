using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Connections.Identity;
using Microsoft.AspNetCore.WebUtilities;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>Signing out: here, the grant at the authorization server, and the session there.</summary>
internal sealed partial class SignOut(SessionStore sessions, TokenClient tokenClient, ClientIdentity client, ILogger<SignOut> logger)
{
    /// <summary>Ends the session here, then revokes its grant.</summary>
    /// <returns>What was signed out of, or null where there was no session any more.</returns>
    public async Task<EndedSession?> EndAsync(string key, CancellationToken cancellationToken)
    {
        var stored = await sessions.FindAsync(key);
        await sessions.EndAsync(key);
        if (stored is null)
        {
            return null;
        }

        try
        {
            await tokenClient.RevokeAsync(stored.Session.Server, stored.Tokens, cancellationToken);
            return new EndedSession(stored.Session, Revoked: true);
        }
        catch (ConnectionException exception)
        {
            NotRevoked(stored.Session.Server.Issuer, exception.Message);
            return new EndedSession(stored.Session, Revoked: false);
        }
    }

    /// <summary>
    /// The end-session request (OpenID Connect RP-Initiated Logout §2). The session is named by <c>logout_hint</c>: an
    /// <c>id_token_hint</c> would put a token into a URL.
    /// </summary>
    /// <returns>Where to send the browser, or null where the server has no such endpoint.</returns>
    public Uri? EndSessionUrl(Session session, string state) => session.Server.EndSessionEndpoint is not { } endpoint
        ? null
        : new Uri(QueryHelpers.AddQueryString(endpoint.AbsoluteUri, new Dictionary<string, string?>
        {
            ["client_id"] = client.ClientId,
            ["post_logout_redirect_uri"] = client.PostLogoutRedirectUri,
            ["logout_hint"] = session.Person.SessionId,
            ["state"] = state,
        }));

    [LoggerMessage(Level = LogLevel.Warning, Message = "A grant was not revoked at {Issuer}: {Reason}")]
    private partial void NotRevoked(string issuer, string reason);
}

/// <summary>A session that was just ended.</summary>
/// <param name="Session">The session.</param>
/// <param name="Revoked">True where its grant was ended at the authorization server too.</param>
internal sealed record EndedSession(Session Session, bool Revoked);
