using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace McpAspire.AppHost.Keycloak;

/// <summary>
/// The realm as <c>Realms/mcp-realm.json</c> says it. What depends on the place where the stack runs is a placeholder,
/// <c>${NAME}</c>, which Keycloak fills from its environment when it imports the file.
/// </summary>
internal sealed partial class RealmFile
{
    /// <summary>Name of the realm.</summary>
    internal const string Realm = "mcp";

    /// <summary>Path of the file, relative to AppHost's folder.</summary>
    internal const string RelativePath = "Realms/mcp-realm.json";

    private RealmFile(JsonObject text, JsonObject filled) => (Text, Filled) = (text, filled);

    /// <summary>As it is written.</summary>
    internal JsonObject Text { get; }

    /// <summary>With all placeholders filled.</summary>
    internal JsonObject Filled { get; }

    /// <summary>Reads the file.</summary>
    /// <param name="json">What it holds.</param>
    /// <param name="places">Values of the placeholders.</param>
    internal static RealmFile Parse(string json, IReadOnlyDictionary<string, string> places) =>
        new(JsonNode.Parse(json)!.AsObject(), JsonNode.Parse(Fill(json, places))!.AsObject());

    /// <summary>Whether a value depends on the place.</summary>
    internal static bool DependsOnPlace(JsonNode? text) => text is not null && Placeholder().IsMatch(text.ToJsonString());

    private static string Fill(string json, IReadOnlyDictionary<string, string> places) => Placeholder().Replace(
        json,
        match => places.TryGetValue(match.Groups[1].Value, out var value)
            ? value
            : throw new InvalidOperationException($"{RelativePath} has the placeholder {match.Value}, and AppHost has no value for it."));

    [GeneratedRegex(@"\$\{(\w+)\}")]
    private static partial Regex Placeholder();
}
