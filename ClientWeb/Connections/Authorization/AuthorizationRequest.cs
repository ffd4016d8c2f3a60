using McpAspire.ClientWeb.Connections.Discovery;
using McpAspire.ClientWeb.Connections.Identity;
using Microsoft.AspNetCore.WebUtilities;

namespace McpAspire.ClientWeb.Connections.Authorization;

/// <summary>
/// An authorization request (RFC 6749 §4.1.1) with PKCE, <c>resource</c> (RFC 8707 §2) and, since its ID token signs
/// the person in, <c>nonce</c>.
/// </summary>
/// <param name="State">Ties the answer to this request.</param>
/// <param name="Pending">What to remember.</param>
/// <param name="Url">Where to send the browser.</param>
internal sealed record AuthorizationRequest(string State, PendingAuthorization Pending, Uri Url)
{
    // Signing in is the authorization of the home connection: these scopes, beside the challenge's, make the ID token.
    private static readonly string[] SignInScopes = ["openid", "profile"];

    /// <summary>Makes a request for the home connection.</summary>
    /// <param name="home">What discovery found.</param>
    /// <param name="server">The home server: the resource.</param>
    /// <param name="client">This application.</param>
    /// <param name="browser">The value of the browser's sign-in cookie.</param>
    /// <param name="returnPath">Where the person goes afterwards.</param>
    public static AuthorizationRequest Create(DiscoveredHome home, HomeServer server, ClientIdentity client, string browser, string returnPath)
    {
        var state = RandomValue.Create();
        var proofKey = ProofKey.Create();
        var pending = new PendingAuthorization(
            home.AuthorizationServer,
            server.Value,
            string.Join(' ', home.Scopes.Union(SignInScopes, StringComparer.Ordinal)),
            proofKey.Verifier,
            Nonce: RandomValue.Create(),
            RandomValue.Hash(browser),
            returnPath);

        var url = QueryHelpers.AddQueryString(home.AuthorizationServer.AuthorizationEndpoint.AbsoluteUri, new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = client.ClientId,
            ["redirect_uri"] = client.RedirectUri,
            ["scope"] = pending.Scope,
            ["resource"] = pending.Resource,
            ["state"] = state,
            ["nonce"] = pending.Nonce,
            ["code_challenge"] = proofKey.Challenge,
            ["code_challenge_method"] = ProofKey.Method,
        });
        return new AuthorizationRequest(state, pending, new Uri(url));
    }
}
