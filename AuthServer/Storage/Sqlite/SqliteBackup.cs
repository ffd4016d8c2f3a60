using Microsoft.Data.Sqlite;

namespace McpAspire.AuthServer.Storage.Sqlite;

/// <summary>Saves a database in a file of its own, and puts such a file in its place. A copy made by other means would lack what is still in the write-ahead log.</summary>
internal sealed class SqliteBackup(SqliteDatabase database)
{
    /// <returns>Why it was not done; null where it was.</returns>
    internal async Task<string?> SaveAsync(string file, CancellationToken cancellationToken)
    {
        if (File.Exists(file))
        {
            return $"{file} exists. Name a new file.";
        }

        try
        {
            PrivateFile.Make(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{file} can't be written: {exception.Message}";
        }

        try
        {
            await using var source = database.Open(SqliteOpenMode.ReadWrite);
            await using var command = source.CreateCommand();
            command.CommandText = "VACUUM INTO $file";
            command.Parameters.AddWithValue("$file", Path.GetFullPath(file));
            await command.ExecuteNonQueryAsync(cancellationToken);
            return null;
        }
        catch (SqliteException exception)
        {
            // It would pass for a backup.
            File.Delete(file);
            return $"{file} can't be written: {exception.Message}";
        }
    }

    /// <summary>Through SQLite, which replaces the content in one transaction and leaves no write-ahead log of another file beside it.</summary>
    /// <returns>Why it was not done; null where it was.</returns>
    internal async Task<string?> RestoreAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var source = SqliteDatabase.Open(Path.GetFullPath(file), SqliteOpenMode.ReadOnly);
            if (!await IsOursAsync(source, cancellationToken))
            {
                return $"{file} is no whole database of this service.";
            }

            // Held by a service only while it starts; what else uses the database makes SQLite refuse below.
            await using var turn = await database.TakeTurnAsync(cancellationToken);
            PrivateFile.Make(database.Path);
            await using var target = database.Open(SqliteOpenMode.ReadWriteCreate);
            if (!await IsAloneAsync(target, cancellationToken))
            {
                return $"{database.Name} is in use. Stop the service first.";
            }

            source.BackupDatabase(target);
            return null;
        }
        catch (SqliteException exception)
        {
            return $"{file} can't be restored: {exception.Message}";
        }
    }

    private static async Task<bool> IsOursAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE name IN ('__EFMigrationsHistory', 'Keys', 'Accounts')";
        if (await command.ExecuteScalarAsync(cancellationToken) is not 3L)
        {
            return false;
        }

        command.CommandText = "PRAGMA integrity_check";
        return await command.ExecuteScalarAsync(cancellationToken) is "ok";
    }

    /// <summary>Only the last one to use a database can take it out of write-ahead logging.</summary>
    private static async Task<bool> IsAloneAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandTimeout = 1;
        command.CommandText = "PRAGMA journal_mode = DELETE";
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken) is "delete";
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY)
        {
            return false;
        }
    }
}
