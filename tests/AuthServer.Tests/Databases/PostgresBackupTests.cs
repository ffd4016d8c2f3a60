using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Databases;

/// <summary>The same with PostgreSQL, by its own tools as the documentation says.</summary>
public sealed class PostgresBackupTests : IAsyncLifetime
{
    private readonly RedisServer _redis = new();
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"authserver-{Guid.NewGuid():N}.dump");
    private TestClient _client = null!;

    public async ValueTask InitializeAsync() => _client = await TestClient.StartAsync();

    [Fact]
    public async Task After_a_restore_into_a_new_database_a_client_of_before_goes_on_and_one_that_refreshed_since_signs_in_again()
    {
        SkipWithout("pg_dump");
        SkipWithout("pg_restore");
        var postgres = await PostgresServer.SharedAsync();
        var first = await StartAsync(await postgres.MakeDatabaseAsync());
        var clients = await ClientsOverRestore.BeforeBackupAsync(first, _client);
        await postgres.RunAsync("pg_dump", "--format=custom", "--file", _file, "--dbname", NameOf(first.Database));
        await clients.AfterBackupAsync(first);

        var restored = await postgres.MakeDatabaseAsync();
        await postgres.RunAsync("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--dbname", NameOf(restored), _file);
        await first.DisposeAsync();
        await using var second = await StartAsync(restored, first);
        await clients.AfterRestoreAsync(second);
    }

    [Fact]
    public async Task The_command_for_backups_names_the_tools_of_PostgreSQL()
    {
        SkipWithout("postgres");
        await using var server = await StartAsync(await PostgresServer.NewDatabaseAsync());
        foreach (var word in new[] { "backup", "restore" })
        {
            var (exitCode, output) = await ServiceCommand.RunAsync(server, "database", word, _file);
            Assert.Equal((1, true), (exitCode, output.Contains("pg_dump", StringComparison.Ordinal)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _redis.Dispose();
        File.Delete(_file);
    }

    private static void SkipWithout(string tool) => Assert.SkipWhen(PostgresServer.MissingTool(tool) is not null, PostgresServer.MissingTool(tool) ?? "");

    private static string NameOf(string connection) => new Npgsql.NpgsqlConnectionStringBuilder(connection).Database!;

    private Task<RunningAuthServer> StartAsync(string database, RunningAuthServer? before = null) =>
        RunningAuthServer.StartAsync(_redis.ConnectionString, before?.Port ?? 0, time: before?.Time, database: database);
}
