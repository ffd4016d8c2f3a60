using System.Text.Json;
using Aspire.Hosting;

namespace McpAspire.LocalEngine.Data;

/// <summary>Generated secrets, kept in one file of the data folder: what they open lies beside them, and goes with them.</summary>
internal sealed class SecretStore(DataFolder folder)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Lock _gate = new();

    private string FilePath => Path.Combine(folder.Path, "secrets.json");

    /// <summary>Gives the secret of that name; makes and keeps it the first time.</summary>
    internal string GetOrCreate(string name, Func<string> create)
    {
        lock (_gate)
        {
            var secrets = Read();
            if (!secrets.TryGetValue(name, out var secret))
            {
                secret = create();
                secrets[name] = secret;
                PrivateFiles.Write(FilePath, JsonSerializer.Serialize(secrets, Indented));
            }

            return secret;
        }
    }

    private SortedDictionary<string, string> Read()
    {
        if (!File.Exists(FilePath))
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(FilePath)) ?? [];
        }
        catch (JsonException)
        {
            throw new DistributedApplicationException(
                $"{FilePath} is damaged. Restore it, or start anew with --reset: without its keys the data of this stack cannot be read.");
        }
    }
}
