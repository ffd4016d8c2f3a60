using System.Globalization;
using Aspire.Hosting;

namespace McpAspire.LocalEngine.Data;

/// <summary>
/// Where everything of this stack lies that outlives a run: one folder per user, with one below it per resource. Only its
/// owner may look inside, and only one host at a time works with it.
/// </summary>
internal sealed class DataFolder(string path)
{
    /// <summary>The setting that says where it is; the description reads it too.</summary>
    internal const string Setting = "DataFolder";

    private const string LockFile = "lock";
    private const string HolderFile = "holder";

    // By this file the engine knows a folder as its own, and empties no other.
    private const string MarkerFile = "profile";

    /// <summary>Where it is if nothing says otherwise. <c>XDG_DATA_HOME</c> is honoured where there is such a thing.</summary>
    internal static string Default => System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
        "mcp-aspire", "local-engine");

    internal string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The launch profile that the data were made under. Known once the folder is open.</summary>
    internal string MadeUnder => File.ReadAllText(System.IO.Path.Combine(Path, MarkerFile));

    /// <summary>Takes the folder for this host until the result is disposed.</summary>
    /// <param name="profile">The launch profile, remembered by a new folder.</param>
    /// <param name="reset">Whether to empty it first.</param>
    /// <exception cref="DistributedApplicationException">Another host has it, or it is not the engine's.</exception>
    internal IDisposable Open(string profile, bool reset)
    {
        RefuseForeignFolder();
        PrivateFiles.CreateFolder(Path);
        var held = Lock();
        if (reset)
        {
            Empty();
        }

        var marker = System.IO.Path.Combine(Path, MarkerFile);
        if (!File.Exists(marker))
        {
            PrivateFiles.Write(marker, profile);
        }

        return held;
    }

    /// <summary>The folder of one resource, made if need be.</summary>
    internal string For(string resource)
    {
        var folder = System.IO.Path.Combine(Path, resource);
        PrivateFiles.CreateFolder(folder);
        return folder;
    }

    private void RefuseForeignFolder()
    {
        if (Directory.Exists(Path)
            && Directory.EnumerateFileSystemEntries(Path).Any()
            && !File.Exists(System.IO.Path.Combine(Path, MarkerFile))
            && !File.Exists(System.IO.Path.Combine(Path, LockFile)))
        {
            throw new DistributedApplicationException(
                $"{Path} holds something else than this stack's data. Choose an empty or a new folder with --data DIR.");
        }
    }

    private FileStream Lock()
    {
        var holder = System.IO.Path.Combine(Path, HolderFile);
        try
        {
            var held = new FileStream(System.IO.Path.Combine(Path, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return held;
        }
        catch (IOException) when (File.Exists(holder))
        {
            throw new DistributedApplicationException(
                $"Another host (process {File.ReadAllText(holder)}) uses the data folder {Path}. Stop it, or choose another folder with --data DIR.");
        }
    }

    private void Empty()
    {
        foreach (var entry in new DirectoryInfo(Path).EnumerateFileSystemInfos())
        {
            if (entry.Name is LockFile or HolderFile)
            {
                continue;
            }

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
}
