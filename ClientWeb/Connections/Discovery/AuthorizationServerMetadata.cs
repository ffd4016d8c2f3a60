using System.Text.Json.Nodes;

namespace McpAspire.ClientWeb.Connections.Discovery;

/// <summary>Authorization server metadata (RFC 8414 §2): what we use of it.</summary>
/// <param name="Issuer">The issuer, exactly as it names itself.</param>
/// <param name="AuthorizationEndpoint">Where the browser is sent to sign in.</param>
/// <param name="TokenEndpoint">Where codes and refresh tokens are redeemed.</param>
/// <param name="JwksUri">The keys of its ID tokens.</param>
/// <param name="RevocationEndpoint">Where tokens are revoked (RFC 7009), if anywhere.</param>
/// <param name="EndSessionEndpoint">Where the browser is sent to sign out (OpenID Connect RP-Initiated Logout), if anywhere.</param>
/// <param name="SendsIssuer">True where every authorization response carries <c>iss</c> (RFC 9207 §3).</param>
internal sealed record AuthorizationServerMetadata(
    string Issuer,
    Uri AuthorizationEndpoint,
    Uri TokenEndpoint,
    Uri JwksUri,
    Uri? RevocationEndpoint,
    Uri? EndSessionEndpoint,
    bool SendsIssuer)
{
    /// <summary>The host and port, as shown to people.</summary>
    public string Host => AuthorizationEndpoint.Authority;

    /// <summary>Takes a document only if we can work with it safely.</summary>
    /// <param name="document">The document.</param>
    /// <param name="issuer">The issuer that the document was looked up for.</param>
    /// <param name="checkUrl">Checks the form of each URL; throws where one is refused.</param>
    /// <exception cref="ConnectionException">A rule is broken; the message says which.</exception>
    public static AuthorizationServerMetadata Read(JsonObject document, string issuer, Action<Uri> checkUrl)
    {
        RequireSameIssuer(document, issuer);
        RequireProofKey(document, issuer);
        RequireClientIdMetadata(document, issuer);

        return new AuthorizationServerMetadata(
            issuer,
            Required("authorization_endpoint"),
            Required("token_endpoint"),
            Required("jwks_uri"),
            Optional("revocation_endpoint"),
            Optional("end_session_endpoint"),
            document.Flag("authorization_response_iss_parameter_supported"));

        Uri Required(string name) =>
            Optional(name) ?? throw new ConnectionException($"The metadata of {issuer} has no usable '{name}'.");

        Uri? Optional(string name)
        {
            if (!Uri.TryCreate(document.Text(name), UriKind.Absolute, out var url))
            {
                return null;
            }

            checkUrl(url);
            return url;
        }
    }

    // RFC 8414 §3.3: the issuer must be identical to the one that the URL was made from.
    private static void RequireSameIssuer(JsonObject document, string issuer)
    {
        if (!string.Equals(document.Text("issuer"), issuer, StringComparison.Ordinal))
        {
            throw new ConnectionException(
                $"The metadata found for {issuer} names the issuer '{document.Text("issuer") ?? "(none)"}'. It is not used.");
        }
    }

    // MCP authorization, "Authorization Code Protection": without S256 in the metadata a client must not go on.
    private static void RequireProofKey(JsonObject document, string issuer)
    {
        if (document.Texts("code_challenge_methods_supported")?.Contains("S256") is not true)
        {
            throw new ConnectionException($"{issuer} does not say that it supports PKCE with S256, so signing in there is not safe.");
        }
    }

    private static void RequireClientIdMetadata(JsonObject document, string issuer)
    {
        if (!document.Flag("client_id_metadata_document_supported"))
        {
            throw new ConnectionException($"{issuer} takes no client ID metadata documents, so it can't know this application.");
        }

        if (document.Texts("token_endpoint_auth_methods_supported")?.Contains("private_key_jwt") is false)
        {
            throw new ConnectionException($"{issuer} does not take private_key_jwt, with which this application proves who it is.");
        }
    }
}
