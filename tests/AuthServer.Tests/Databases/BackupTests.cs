using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Data.Sqlite;

namespace McpAspire.AuthServer.Tests.Databases;

/// <summary>A backup of the file that is made while the service runs, and put back under clients that go on.</summary>
public sealed class BackupTests : IAsyncLifetime
{
    private readonly RedisServer _redis = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("authserver-tests-").FullName;
    private TestClient _client = null!;

    private string Backup => Path.Combine(_folder, "backup.db");

    private string Database => $"Data Source={Path.Combine(_folder, "authserver.db")}";

    public async ValueTask InitializeAsync() => _client = await TestClient.StartAsync();

    [Fact]
    public async Task After_a_restore_a_client_of_before_goes_on_and_one_that_refreshed_since_signs_in_again()
    {
        var first = await StartAsync();
        var clients = await ClientsOverRestore.BeforeBackupAsync(first, _client);
        Assert.Equal(0, (await ServiceCommand.RunAsync(first, "database", "backup", Backup)).ExitCode);

        // A service that nobody asked anything for minutes has no connection in its pool.
        SqliteConnection.ClearAllPools();
        var refused = await ServiceCommand.RunAsync(first, "database", "restore", Backup);
        Assert.Equal((1, true), (refused.ExitCode, refused.Output.Contains("Stop the service first", StringComparison.Ordinal)));
        await clients.AfterBackupAsync(first);
        await first.DisposeAsync();
        SqliteConnection.ClearAllPools();

        var (exitCode, output) = await ServiceCommand.RunAsync(first, "database", "restore", Backup);
        Assert.True(exitCode == 0, output);
        await using var second = await StartAsync(first);
        await clients.AfterRestoreAsync(second);
    }

    [Fact]
    public async Task A_backup_overwrites_nothing_and_only_a_whole_database_of_ours_is_restored()
    {
        var server = await StartAsync();
        await server.DisposeAsync();
        SqliteConnection.ClearAllPools();
        await File.WriteAllTextAsync(Backup, "some text, which is no database", TestContext.Current.CancellationToken);
        Assert.Equal(1, (await ServiceCommand.RunAsync(server, "database", "backup", Backup)).ExitCode);
        Assert.Equal(1, (await ServiceCommand.RunAsync(server, "database", "restore", Backup)).ExitCode);
        Assert.Equal(1, (await ServiceCommand.RunAsync(server, "database", "restore", Path.Combine(_folder, "none.db"))).ExitCode);
        Assert.Equal(2, (await ServiceCommand.RunAsync(server, "database", "backup")).ExitCode);
        await (await StartAsync(server)).DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _redis.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<RunningAuthServer> StartAsync(RunningAuthServer? before = null) => RunningAuthServer.StartAsync(
        _redis.ConnectionString, before?.Port ?? 0, folder: _folder, time: before?.Time, database: Database);
}
