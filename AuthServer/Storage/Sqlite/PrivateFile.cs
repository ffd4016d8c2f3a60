namespace McpAspire.AuthServer.Storage.Sqlite;

/// <summary>
/// Files that nobody but the user of the service reads: the database has password hashes, and says who uses what. SQLite
/// makes the files beside its own with the same permissions. What is there already keeps those that it has, since an
/// operator may have chosen them. On Windows the permissions of the folder hold.
/// </summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    internal static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    /// <exception cref="IOException">It can't be opened, or is there already and the mode is <see cref="FileMode.CreateNew"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    internal static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }

    /// <summary>Makes an empty one where there is none: SQLite takes it for a new database.</summary>
    internal static void Make(string path)
    {
        if (!File.Exists(path))
        {
            Open(path, FileMode.CreateNew).Dispose();
        }
    }
}
