using System.Text;
using System.Text.Json;
using McpAspire.AuthServer.Clients.Documents;
using McpAspire.AuthServer.Clients.Fetching;
using McpAspire.ServiceDefaults.Outbound;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Clients;

/// <summary>The keys with which a client proves itself: <c>jwks</c> or <c>jwks_uri</c> (RFC 7591 §2), public ones alone.</summary>
internal sealed class ClientKeys(ClientGuard guards, DocumentOptions options)
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
            var json = inside.GetRawText();
            return Encoding.UTF8.GetByteCount(json) <= options.MostKeyBytes
                ? (Parse(json), null)
                : throw new ClientRefusedException($"The client's jwks is larger than {options.MostKeyBytes} bytes. Leave out what is not for signatures.");
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

    /// <summary>The keys of a set that the client may prove itself with (<see cref="SignatureKey"/>).</summary>
    /// <exception cref="ClientRefusedException">It is no set of public keys, or holds none of those.</exception>
    internal static JsonWebKeySet Parse(string json)
    {
        JsonWebKeySet keys;
        try
        {
            keys = new JsonWebKeySet(json);
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException)
        {
            throw new ClientRefusedException("The client's key set is not a JSON Web Key Set.");
        }

        if (keys.Keys.Count is 0 or > MostKeys || keys.Keys.Any(key => key is null || key.HasPrivateKey || key.Kty == JsonWebAlgorithmsKeyTypes.Octet))
        {
            throw new ClientRefusedException($"The client's key set must hold 1 to {MostKeys} public keys, and no private or shared ones.");
        }

        var usable = new JsonWebKeySet();
        foreach (var key in keys.Keys.Select(SignatureKey.Of).OfType<JsonWebKey>())
        {
            usable.Keys.Add(key);
        }

        return usable.Keys.Count > 0
            ? usable
            : throw new ClientRefusedException("The client's key set must hold an RSA key of 2048 to 4096 bits or an EC key on P-256, P-384 or P-521, for signatures.");
    }
}
