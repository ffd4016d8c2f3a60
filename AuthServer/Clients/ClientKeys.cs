using System.Text.Json;
using McpAspire.AuthServer.Clients.Fetching;
using McpAspire.ServiceDefaults.Outbound;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Clients;

/// <summary>The keys with which a client proves itself: <c>jwks</c> or <c>jwks_uri</c> (RFC 7591 §2), public ones alone.</summary>
internal sealed class ClientKeys(ClientGuard guards)
{
    private const int MostKeys = 20;

    /// <summary>What a client that proves itself with a key says of its keys: they themselves, or the URL where they are.</summary>
    /// <param name="metadata">What the client says.</param>
    /// <param name="source">Where the client comes from.</param>
    /// <param name="clientId">Its id.</param>
    /// <exception cref="ClientRefusedException">They can't be used; the message says what to change.</exception>
    internal (JsonWebKeySet? Inside, string? At) Of(ClientMetadata metadata, ClientSource source, string clientId)
    {
        if (metadata.Jwks is not null && metadata.JwksUri is not null)
        {
            throw new ClientRefusedException("A client has jwks or jwks_uri, not both (RFC 7591 §2). Leave one out.");
        }

        if (metadata.Jwks is { } inside)
        {
            return (Parse(inside.GetRawText()), null);
        }

        if (!Uri.TryCreate(metadata.JwksUri, UriKind.Absolute, out var url) || metadata.JwksUri.Length > ClientMetadata.LongestUrl)
        {
            throw new ClientRefusedException($"The client's jwks_uri is not an absolute URL of at most {ClientMetadata.LongestUrl} characters.");
        }

        try
        {
            guards.For(source, clientId, url).Check(url);
            return (null, metadata.JwksUri);
        }
        catch (OutboundException exception)
        {
            throw new ClientRefusedException($"The client's jwks_uri can't be used: {exception.Message}");
        }
    }

    /// <exception cref="ClientRefusedException">It is no set of public keys.</exception>
    internal static JsonWebKeySet Parse(string json)
    {
        JsonWebKeySet keys;
        try
        {
            keys = new JsonWebKeySet(json);
        }
        catch (ArgumentException)
        {
            throw new ClientRefusedException("The client's key set is not a JSON Web Key Set.");
        }
        catch (JsonException)
        {
            throw new ClientRefusedException("The client's key set is not a JSON Web Key Set.");
        }

        if (keys.Keys.Count is 0 or > MostKeys || keys.Keys.Any(key => key is null || key.HasPrivateKey || key.Kty == JsonWebAlgorithmsKeyTypes.Octet))
        {
            throw new ClientRefusedException($"The client's key set must hold 1 to {MostKeys} public keys, and no private or shared ones.");
        }

        return keys.Keys.Any(CanSign)
            ? keys
            : throw new ClientRefusedException("The client's key set must hold an RSA or EC key for signatures.");
    }

    /// <summary>True for a key that a client assertion can be verified with.</summary>
    internal static bool CanSign(JsonWebKey key) =>
        key.Use is null or "" or "sig"
        && key is { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve, Crv: not null, X: not null, Y: not null }
            or { Kty: JsonWebAlgorithmsKeyTypes.RSA, N: not null, E: not null };
}
