using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Connections.Discovery;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>A person signed in here in one browser: who, by which authorization server, for which resource.</summary>
/// <param name="Person">Who signed in.</param>
/// <param name="Server">The authorization server of the home connection.</param>
/// <param name="Resource">What its access token is for.</param>
internal sealed record Session(SignedInPerson Person, AuthorizationServerMetadata Server, string Resource);

/// <summary>A session with its tokens, as read from the store.</summary>
/// <param name="Session">The session.</param>
/// <param name="Tokens">Its tokens now.</param>
/// <param name="Version">Marks this state of the tokens, for a conditional change.</param>
internal sealed record StoredSession(Session Session, TokenSet Tokens, byte[] Version);
