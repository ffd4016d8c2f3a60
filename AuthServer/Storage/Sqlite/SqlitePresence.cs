using Microsoft.Data.Sqlite;

namespace McpAspire.AuthServer.Storage.Sqlite;

/// <summary>
/// Holds the database open while the service runs, so that <see cref="SqliteBackup"/> sees that it does: the pool closes
/// connections that nobody used for some minutes.
/// </summary>
internal sealed class SqlitePresence(SqliteDatabase database) : IHostedService, IAsyncDisposable
{
    private SqliteConnection? _connection;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _connection = database.Open(SqliteOpenMode.ReadWrite);
        await using var command = _connection.CreateCommand();
        // SQLite opens the file with the first statement.
        command.CommandText = "SELECT count(*) FROM sqlite_master";
        await command.ExecuteScalarAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;
}
