using System.Text.Json.Nodes;

namespace McpAspire.ClientWeb.Connections.Discovery;

/// <summary>Protected resource metadata (RFC 9728 §2): what we use of it.</summary>
/// <param name="Resource">The resource identifier.</param>
/// <param name="AuthorizationServer">The issuer of the first authorization server that it names.</param>
/// <param name="ScopesSupported">The scopes to ask for where the challenge names none.</param>
internal sealed record ProtectedResourceMetadata(string Resource, string AuthorizationServer, IReadOnlyList<string> ScopesSupported)
{
    /// <summary>Takes a document only if it is about the URL that was asked (RFC 9728 §3.3).</summary>
    /// <exception cref="ConnectionException">It is about another resource, or names no authorization server.</exception>
    public static ProtectedResourceMetadata Read(JsonObject document, HomeServer server)
    {
        var resource = document.Text("resource");
        if (resource is null || !ResourceIdentifier.AreSame(resource, server.Value))
        {
            throw new ConnectionException(
                $"The metadata of {server.Host} is about the resource '{resource ?? "(none)"}', not about {server.Value}. It is not used.");
        }

        if (document.Texts("authorization_servers") is not [var issuer, ..])
        {
            throw new ConnectionException($"The metadata of {server.Value} names no authorization server ('authorization_servers').");
        }

        return new ProtectedResourceMetadata(resource, issuer, document.Texts("scopes_supported") ?? []);
    }
}
