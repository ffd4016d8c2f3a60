using System.Net;
using System.Text.Json;
using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.McpServer.Authorization;

/// <summary>
/// The metadata document of our authorization server (RFC 8414), found through its issuer, checked and kept for
/// five minutes.
/// </summary>
internal sealed class AuthorizationServerDocument
{
    /// <summary>How long a document is used.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const int MaxBytes = 64 * 1024;

    private readonly OutboundGuard _outbound;
    private readonly string _issuer;
    private readonly Uri[] _places;
    private readonly SharedFetch<Document> _document;

    public AuthorizationServerDocument(ResourceIdentity identity, OutboundGuard outbound, TimeProvider time)
    {
        _outbound = outbound;
        _issuer = identity.Issuer;
        _places = PlacesOf(identity.Issuer);
        _document = new SharedFetch<Document>(FetchAsync, time);
    }

    /// <summary>The document as the authorization server sent it, and what this service reads in it.</summary>
    /// <param name="Json">The document's bytes.</param>
    /// <param name="JwksUri">Where its keys are.</param>
    internal sealed record Document(ReadOnlyMemory<byte> Json, Uri JwksUri);

    /// <summary>The document.</summary>
    /// <exception cref="AuthorizationServerUnavailableException">It can't be had, or is not this issuer's.</exception>
    public ValueTask<Document> GetAsync() => _document.GetAsync(Lifetime);

    /// <summary>
    /// Where an issuer's document may be, in the order of MCP's authorization specification: the well-known part goes
    /// before the issuer's path (RFC 8414 §3.1); OpenID providers have it behind the path (OIDC Discovery §4).
    /// </summary>
    internal static Uri[] PlacesOf(string issuer)
    {
        var url = new Uri(issuer);
        var origin = url.GetLeftPart(UriPartial.Authority);
        var path = url.AbsolutePath.TrimEnd('/');
        return
        [
            new Uri($"{origin}/.well-known/oauth-authorization-server{path}"),
            new Uri($"{origin}{path}/.well-known/openid-configuration"),
        ];
    }

    private async Task<Document> FetchAsync()
    {
        foreach (var place in _places)
        {
            var answer = await AskAsync(place);
            if (answer.Status == HttpStatusCode.NotFound)
            {
                continue;
            }

            return answer.Status == HttpStatusCode.OK
                ? Read(answer.Body, place)
                : throw new AuthorizationServerUnavailableException($"The authorization server answered {(int)answer.Status} at {place}.");
        }

        throw new AuthorizationServerUnavailableException($"The authorization server has no metadata document at {_places[0]}.");
    }

    private async Task<OutboundAnswer> AskAsync(Uri place)
    {
        try
        {
            return await _outbound.GetJsonAsync(place, MaxBytes, CancellationToken.None);
        }
        catch (OutboundException exception)
        {
            throw new AuthorizationServerUnavailableException($"The authorization server's metadata can't be had: {exception.Message}", exception);
        }
    }

    private Document Read(ReadOnlyMemory<byte> json, Uri place)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;

            // RFC 8414 §3.3: a document of another issuer MUST NOT be used.
            if (StringOf(root, "issuer") != _issuer)
            {
                throw new AuthorizationServerUnavailableException(
                    $"The document at {place} names another issuer than the configured '{_issuer}'. Both must be the same, character by character.");
            }

            return Uri.TryCreate(StringOf(root, "jwks_uri"), UriKind.Absolute, out var jwksUri)
                ? new Document(json, jwksUri)
                : throw new AuthorizationServerUnavailableException($"The document at {place} has no usable 'jwks_uri'.");
        }
        catch (JsonException exception)
        {
            throw new AuthorizationServerUnavailableException($"The document at {place} is not JSON.", exception);
        }
    }

    private static string? StringOf(JsonElement root, string member) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
