using System.Text.Json;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>
/// Finds claims by the names of a <see cref="Providers.ClaimMap"/>: several are tried in turn, each as it stands and
/// then as a path of dots, in the ID token first and in userinfo after it.
/// </summary>
internal sealed class ClaimReader(IReadOnlyList<JsonElement> sources)
{
    internal string? Text(string? names) => Find(names) is { } found ? found.ValueKind switch
    {
        JsonValueKind.String => found.GetString(),
        JsonValueKind.Number => found.GetRawText(),
        _ => null,
    } : null;

    /// <summary>A list, or one text as a list of one; null where there is no such claim.</summary>
    internal IEnumerable<string>? List(string? names) => Find(names) is { } found ? found.ValueKind switch
    {
        JsonValueKind.Array => found.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!),
        JsonValueKind.String => [found.GetString()!],
        _ => [],
    } : null;

    internal bool IsFalse(string name) =>
        Find(name) is { } found && (found.ValueKind == JsonValueKind.False || (found.ValueKind == JsonValueKind.String && found.GetString() == "false"));

    /// <summary>A NumericDate (RFC 7519 §2).</summary>
    internal DateTimeOffset? Time(string name) =>
        Find(name) is { ValueKind: JsonValueKind.Number } found && found.TryGetInt64(out var seconds) && seconds is > 0 and < 253402300800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private JsonElement? Find(string? names)
    {
        foreach (var name in names?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            foreach (var source in sources)
            {
                if ((Member(source, name) ?? Path(source, name)) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }

    private static JsonElement? Path(JsonElement source, string path)
    {
        JsonElement? at = source;
        foreach (var name in path.Split('.'))
        {
            at = at is { } element ? Member(element, name) : null;
        }

        return at;
    }

    private static JsonElement? Member(JsonElement source, string name) =>
        source.ValueKind == JsonValueKind.Object && source.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
