using System.Security.Cryptography;

namespace McpAspire.ServiceDefaults.KeyRing;

/// <summary>A generated secret in a file of this user, for a service started by hand in Development.</summary>
internal static class DevelopmentSecretFile
{
    internal static string ReadOrCreate(string application)
    {
        var folder = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
            "mcp-aspire", "development-secrets");
        var path = Path.Combine(folder, application);
        if (!File.Exists(path))
        {
            Create(folder, path);
        }

        return File.ReadAllText(path);
    }

    private static void Create(string folder, string path)
    {
        Directory.CreateDirectory(folder);
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var draft = $"{path}.{Environment.ProcessId}";
        using (var writer = new StreamWriter(draft, options))
        {
            writer.Write(secret);
        }

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process of the same service was first: its secret holds.
            File.Delete(draft);
        }
    }
}
