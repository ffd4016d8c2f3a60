using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aspire.Hosting;

/// <summary>A profile of a project's <c>Properties/launchSettings.json</c>.</summary>
internal sealed record LaunchProfile(
    [property: JsonPropertyName("commandName")] string? CommandName = null,
    [property: JsonPropertyName("applicationUrl")] string? ApplicationUrl = null,
    [property: JsonPropertyName("environmentVariables")] Dictionary<string, string>? EnvironmentVariables = null)
{
    private static readonly JsonSerializerOptions Json = new() { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>
    /// Takes the profile that the host itself was started with, else the project's first; null where it has none.
    /// </summary>
    internal static (string Name, LaunchProfile Profile)? Select(string projectPath, string? hostProfile)
    {
        var path = Path.Combine(Path.GetDirectoryName(projectPath) ?? "", "Properties", "launchSettings.json");
        if (!File.Exists(path))
        {
            return null;
        }

        var profiles = Read(path).Profiles ?? [];
        if (hostProfile is { Length: > 0 } && profiles.TryGetValue(hostProfile, out var same))
        {
            return (hostProfile, same);
        }

        var first = profiles.FirstOrDefault(profile => profile.Value.CommandName is null or "" or "Project");
        return first.Value is null ? null : (first.Key, first.Value);
    }

    private static Settings Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Settings>(File.ReadAllText(path), Json) ?? new Settings();
        }
        catch (JsonException e)
        {
            throw new DistributedApplicationException($"{path} is not valid JSON: {e.Message}", e);
        }
    }

    private sealed record Settings([property: JsonPropertyName("profiles")] Dictionary<string, LaunchProfile>? Profiles = null);
}
