using System.Text.Json;
using Aspire.Hosting;
using McpAspire.LocalEngine.Data;

namespace McpAspire.LocalEngine.Keycloak;

/// <summary>A realm to import. Keycloak skips it once the realm exists.</summary>
internal sealed record RealmFile(string Path, string Name)
{
    /// <summary>The realm files in a folder, or the one that the path names.</summary>
    /// <exception cref="DistributedApplicationException">There is no such path, or a file holds no realm.</exception>
    internal static IEnumerable<RealmFile> In(string path) =>
        Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal).Select(Read)]
        : File.Exists(path) ? [Read(path)]
        : throw new DistributedApplicationException($"There is nothing to import at {path}.");

    /// <summary>Puts the files where Keycloak looks for them.</summary>
    internal static void CopyTo(IEnumerable<RealmFile> realms, string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        PrivateFiles.CreateFolder(folder);
        foreach (var realm in realms)
        {
            File.Copy(realm.Path, System.IO.Path.Combine(folder, System.IO.Path.GetFileName(realm.Path)));
        }
    }

    private static RealmFile Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.TryGetProperty("realm", out var name) && name.GetString() is { Length: > 0 } realm
                ? new RealmFile(path, realm)
                : throw new DistributedApplicationException($"{path} has no \"realm\": it is no realm file.");
        }
        catch (JsonException e)
        {
            throw new DistributedApplicationException($"{path} is not valid JSON: {e.Message}", e);
        }
    }
}
