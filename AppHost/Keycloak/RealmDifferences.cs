using System.Text.Json.Nodes;

namespace McpAspire.AppHost.Keycloak;

/// <summary>One place where the realm is not as its file says.</summary>
/// <param name="Path">Where, such as <c>clients/authserver/redirectUris</c>.</param>
/// <param name="InFile">What the file says.</param>
/// <param name="InRealm">What is there; null where nothing is.</param>
/// <param name="DependsOnPlace">Whether it is a value that changes with the place where the stack runs.</param>
internal sealed record RealmDifference(string Path, string InFile, string? InRealm, bool DependsOnPlace);

/// <summary>
/// Compares a realm with its file. Only what the file says counts: the realm has its own defaults for the rest, and what was
/// added there is no difference.
/// </summary>
internal static class RealmDifferences
{
    // By these members the things of a list are known.
    private static readonly string[] Names = ["clientId", "client", "name"];

    /// <summary>Finds the differences.</summary>
    /// <param name="file">The file.</param>
    /// <param name="realm">The realm, as Keycloak exports it.</param>
    internal static IReadOnlyList<RealmDifference> Find(RealmFile file, JsonObject realm) => [.. OfObject("", file.Text, file.Filled, realm)];

    private static IEnumerable<RealmDifference> OfObject(string path, JsonObject text, JsonObject filled, JsonObject realm) =>
        filled.SelectMany(member => Of(path.Length == 0 ? member.Key : $"{path}/{member.Key}", text[member.Key], member.Value, realm[member.Key]));

    private static IEnumerable<RealmDifference> Of(string path, JsonNode? text, JsonNode? filled, JsonNode? realm) => (filled, realm) switch
    {
        (JsonObject expected, JsonObject actual) => OfObject(path, text!.AsObject(), expected, actual),
        (JsonArray expected, JsonArray actual) when expected.Any(item => item is JsonObject) => OfList(path, text!.AsArray(), expected, actual),
        (JsonArray expected, JsonArray actual) when Words(expected).SetEquals(Words(actual)) => [],
        (JsonArray { Count: 0 }, null) => [],
        _ when JsonNode.DeepEquals(filled, realm) => [],
        _ => [new RealmDifference(path, filled!.ToJsonString(), realm?.ToJsonString(), RealmFile.DependsOnPlace(text))],
    };

    private static IEnumerable<RealmDifference> OfList(string path, JsonArray text, JsonArray filled, JsonArray realm) =>
        filled.Zip(text).SelectMany(pair =>
        {
            var name = NameOf(pair.First)!;
            return realm.FirstOrDefault(item => NameOf(item) == name) is JsonObject same
                ? OfObject($"{path}/{name}", pair.Second!.AsObject(), pair.First!.AsObject(), same)
                : [new RealmDifference($"{path}/{name}", "there", null, DependsOnPlace: false)];
        });

    private static string? NameOf(JsonNode? item) =>
        Names.Select(name => (item as JsonObject)?[name]?.ToString()).FirstOrDefault(name => name is not null);

    private static HashSet<string> Words(JsonArray list) => [.. list.Select(item => item?.ToString() ?? "")];
}
