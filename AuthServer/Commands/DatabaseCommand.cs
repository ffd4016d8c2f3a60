using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Storage.Sqlite;

namespace McpAspire.AuthServer.Commands;

/// <summary>
/// <c>database backup FILE</c>, while the service runs or not, and <c>database restore FILE</c>, while it does not. For SQLite: PostgreSQL
/// has its own tools.
/// </summary>
internal sealed class DatabaseCommand(Database database, CommandAnswer answer)
{
    private const string Usage =
        "Usage: dotnet AuthServer.dll database backup FILE | restore FILE\n"
        + "'backup' writes all that is committed now to a new file. 'restore' puts what such a file has in the place of all that is in the database.";

    /// <returns>The exit code: 0 done, 1 it can't be done, 2 wrong arguments.</returns>
    internal async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if (arguments is not [_, "backup" or "restore", var file])
        {
            return await answer.MisusedAsync(Usage);
        }

        if (database is not SqliteDatabase sqlite)
        {
            return await answer.FailAsync(
                $"{database.Name} is saved with 'pg_dump --format=custom', and restored with 'pg_restore' into a new database. "
                + "The documentation of AuthServer says how, under 'Backup'.");
        }

        var backup = new SqliteBackup(sqlite);
        var fault = arguments[1] == "backup" ? await backup.SaveAsync(file, cancellationToken) : await backup.RestoreAsync(file, cancellationToken);
        return fault is not null
            ? await answer.FailAsync(fault)
            : await answer.DoneAsync(arguments[1] == "backup" ? $"{database.Name} is saved in {file}." : $"{database.Name} has what {file} has.");
    }
}
