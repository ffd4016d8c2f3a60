using System.Text.Json.Nodes;
using McpAspire.ClientWeb.Connections.Authorization;

namespace McpAspire.ClientWeb.Connections.Identity;

/// <summary>
/// The client ID metadata document: members of RFC 7591 §2 and OpenID Connect Back-Channel Logout §2.2, with
/// <c>client_id</c> equal to its own URL.
/// </summary>
internal static class ClientMetadataDocument
{
    // Everything that a connection may ask for: what signs a person in, and what the stack's servers ask for.
    private const string Scope = "openid profile offline_access mcp:tools notes:read notes:write";

    public static JsonObject Of(ClientIdentity identity) => new()
    {
        ["client_id"] = identity.ClientId,
        ["client_name"] = "ClientWeb",
        ["client_uri"] = identity.HomePage,
        ["application_type"] = "web",
        ["redirect_uris"] = new JsonArray(identity.RedirectUri),
        ["post_logout_redirect_uris"] = new JsonArray(identity.PostLogoutRedirectUri),
        ["backchannel_logout_uri"] = identity.BackChannelLogoutUri,
        ["backchannel_logout_session_required"] = true,
        ["response_types"] = new JsonArray("code"),
        ["grant_types"] = new JsonArray("authorization_code", "refresh_token"),
        ["scope"] = Scope,
        ["token_endpoint_auth_method"] = "private_key_jwt",
        ["token_endpoint_auth_signing_alg"] = ClientKey.Algorithm,
        ["id_token_signed_response_alg"] = IdTokenValidator.Algorithm,
        ["jwks_uri"] = identity.KeysUri,
    };
}
