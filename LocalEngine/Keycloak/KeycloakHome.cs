using McpAspire.LocalEngine.Data;

namespace McpAspire.LocalEngine.Keycloak;

/// <summary>
/// A Keycloak home of this stack's own: what Keycloak writes (its data, what it builds at the first start) is a copy, the
/// rest links to the distribution, which may be read-only and serve others.
/// </summary>
internal static class KeycloakHome
{
    // The script finds its home by its own real path, and the jar that starts by where it lies: links would lead back.
    private static readonly string[] Copied = [Path.Combine("bin", "kc.sh"), Path.Combine("bin", "kc.bat"), Path.Combine("lib", "quarkus"), Path.Combine("lib", "quarkus-run.jar")];

    // Folders that hold both kinds.
    private static readonly string[] Mixed = ["bin", "lib"];

    internal static string Script(string home) => Path.Combine(home, "bin", KeycloakDistribution.ScriptName);

    /// <summary>Makes it, anew when the distribution is another one than last time. The data stay if asked.</summary>
    internal static string Prepare(string distribution, string folder, bool keepData)
    {
        var home = Path.Combine(folder, "home");
        var madeOf = Path.Combine(folder, "distribution");
        if (!File.Exists(madeOf) || File.ReadAllText(madeOf) != Identity(distribution))
        {
            PrivateFiles.CreateFolder(home);
            Clear(home);
            Mirror(distribution, home, "");
            PrivateFiles.Write(madeOf, Identity(distribution));
        }

        var data = Path.Combine(home, "data");
        if (!keepData && Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }

        PrivateFiles.CreateFolder(data);
        return home;
    }

    private static string Identity(string distribution)
    {
        var version = Path.Combine(distribution, "version.txt");
        return $"{distribution}\n{(File.Exists(version) ? File.ReadAllText(version) : "")}";
    }

    private static void Clear(string home)
    {
        foreach (var entry in new DirectoryInfo(home).EnumerateFileSystemInfos().Where(entry => entry.Name != "data"))
        {
            if (entry is DirectoryInfo { LinkTarget: null } folder)
            {
                folder.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }
    }

    private static void Mirror(string distribution, string home, string relative)
    {
        foreach (var entry in new DirectoryInfo(Path.Combine(distribution, relative)).EnumerateFileSystemInfos())
        {
            var path = Path.Combine(relative, entry.Name);
            var target = Path.Combine(home, path);
            if (path == "data")
            {
                continue;
            }

            if (Mixed.Contains(path))
            {
                PrivateFiles.CreateFolder(target);
                Mirror(distribution, home, path);
            }
            else if (Copied.Contains(path))
            {
                Copy(entry, target);
            }
            else if (entry is DirectoryInfo)
            {
                Directory.CreateSymbolicLink(target, entry.FullName);
            }
            else
            {
                File.CreateSymbolicLink(target, entry.FullName);
            }
        }
    }

    private static void Copy(FileSystemInfo entry, string target)
    {
        if (entry is FileInfo file)
        {
            file.CopyTo(target);
            if (!OperatingSystem.IsWindows())
            {
                // A read-only distribution must not make a copy that cannot be replaced.
                File.SetUnixFileMode(target, file.UnixFileMode | UnixFileMode.UserWrite);
            }

            return;
        }

        PrivateFiles.CreateFolder(target);
        foreach (var inner in ((DirectoryInfo)entry).EnumerateFileSystemInfos())
        {
            Copy(inner, Path.Combine(target, inner.Name));
        }
    }
}
