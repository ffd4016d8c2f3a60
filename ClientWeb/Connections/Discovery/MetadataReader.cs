using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpAspire.ServiceDefaults.Outbound;

namespace McpAspire.ClientWeb.Connections.Discovery;

/// <summary>Fetches metadata documents through the outbound guard.</summary>
internal sealed class MetadataReader(OutboundGuard guard)
{
    private const int MaxBytes = 64 * 1024;

    // Two readers of a member that stands twice may see two values.
    private static readonly JsonDocumentOptions OneOfEach = new() { AllowDuplicateProperties = false };

    /// <summary>A JSON object at a URL, or null where there is none (another status than 200, or no JSON object).</summary>
    /// <exception cref="ConnectionException">The URL is refused or does not answer.</exception>
    public async Task<JsonObject?> FindAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await guard.GetJsonAsync(url, MaxBytes, cancellationToken);
            return answer.Status == HttpStatusCode.OK ? ParseObject(answer.Body.Span) : null;
        }
        catch (OutboundException exception)
        {
            throw new ConnectionException(exception.Message, passing: true, exception);
        }
    }

    /// <summary>The first document that exists.</summary>
    /// <exception cref="ConnectionException">A URL is refused or does not answer.</exception>
    public async Task<(Uri Url, JsonObject Document)?> FirstAsync(IEnumerable<Uri> urls, CancellationToken cancellationToken)
    {
        foreach (var url in urls)
        {
            if (await FindAsync(url, cancellationToken) is { } document)
            {
                return (url, document);
            }
        }

        return null;
    }

    /// <summary>A JSON object, or null where the bytes are none.</summary>
    public static JsonObject? ParseObject(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: OneOfEach) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Reads members of documents that strangers wrote: a member of another kind counts as missing.</summary>
internal static class MetadataMembers
{
    public static string? Text(this JsonObject document, string name) =>
        document[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    public static bool Flag(this JsonObject document, string name) =>
        document[name] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    public static long? Number(this JsonObject document, string name) =>
        document[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    public static IReadOnlyList<string>? Texts(this JsonObject document, string name) =>
        document[name] is JsonArray array
            ? [.. array.OfType<JsonValue>().Select(item => item.TryGetValue<string>(out var text) ? text : null).OfType<string>()]
            : null;
}
