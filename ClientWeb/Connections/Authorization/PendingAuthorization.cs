using McpAspire.ClientWeb.Connections.Discovery;

namespace McpAspire.ClientWeb.Connections.Authorization;

/// <summary>What is remembered between the redirect to the authorization server and its answer.</summary>
/// <param name="Server">The authorization server, recorded before the redirect (RFC 9207 §2.4).</param>
/// <param name="Resource">The resource that the token is for (RFC 8707).</param>
/// <param name="Scope">The scopes asked for, separated by spaces.</param>
/// <param name="Verifier">The PKCE verifier.</param>
/// <param name="Nonce">Binds the ID token to this request (OpenID Connect Core §3.1.2.1).</param>
/// <param name="BrowserHash">Hash of the cookie of the browser that began.</param>
/// <param name="ReturnPath">Where the person goes afterwards: a path of ours.</param>
internal sealed record PendingAuthorization(
    AuthorizationServerMetadata Server,
    string Resource,
    string Scope,
    string Verifier,
    string Nonce,
    string BrowserHash,
    string ReturnPath)
{
    // Whatever prints an object must not print the verifier.
    public override string ToString() => $"authorization under way at {Server.Issuer}";
}
