using McpAspire.ClientWeb.Connections.Identity;
using Microsoft.AspNetCore.WebUtilities;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>Signing out: here, the grant at the authorization server, and the session there.</summary>
internal sealed partial class SignOut(SessionStore sessions, GrantRevocation revocation, ClientIdentity client, ILogger<SignOut> logger)
{
    /// <summary>Ends the session here, then revokes its grant.</summary>
    /// <param name="key">The session's key.</param>
    /// <param name="page">The page that asked for it. All others of the session are told.</param>
    /// <returns>What was signed out of, or null where there was no session any more.</returns>
    public async Task<EndedSession?> EndAsync(string key, string? page)
    {
        if (await sessions.EndAsync(key, page) is not { } stored)
        {
            return null;
        }

        Ended(stored.Session.Person.Issuer, stored.Session.Person.Subject);
        return new EndedSession(stored.Session, await revocation.TryRevokeAsync(stored.Session.Server, stored.Tokens));
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

    [LoggerMessage(Level = LogLevel.Information, Message = "Signed out: {Subject} of {Issuer}")]
    private partial void Ended(string issuer, string subject);
}

/// <summary>A session that was just ended.</summary>
/// <param name="Session">The session.</param>
/// <param name="Revoked">True where its grant was ended at the authorization server too.</param>
internal sealed record EndedSession(Session Session, bool Revoked);
