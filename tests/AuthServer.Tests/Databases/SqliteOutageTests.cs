using System.Net;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Storage.Outages;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;

namespace McpAspire.AuthServer.Tests.Databases;

/// <summary>A file of SQLite that can't be used for a while, such as one on a volume that is gone.</summary>
public sealed class SqliteOutageTests : IAsyncLifetime
{
    private readonly RedisServer _redis = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("authserver-tests-").FullName;
    private TestClient _client = null!;

    private string Volume => Path.Combine(_folder, "volume");

    public async ValueTask InitializeAsync() => _client = await TestClient.StartAsync();

    [Fact]
    public async Task While_the_file_can_not_be_opened_the_answer_is_503_and_all_goes_on_once_it_is_back()
    {
        await using var server = await RunningAuthServer.StartAsync(
            _redis.ConnectionString, folder: _folder, database: $"Data Source={Path.Combine(Volume, "authserver.db")}");
        var flow = new Flow(server, _client);
        var tokens = await flow.TokensAsync();
        Assert.DoesNotContain(server.Logs.Lines, line => line.Contains(typeof(DatabaseOutage).FullName!, StringComparison.Ordinal));

        Directory.Move(Volume, Volume + "-away");
        await Eventually.BeTrueAsync(
            async () =>
            {
                // A connection that is open has the file still.
                SqliteConnection.ClearAllPools();
                return await HealthAsync(server) == HttpStatusCode.ServiceUnavailable;
            },
            "the file is missed", cancellationToken: TestContext.Current.CancellationToken);
        var refused = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (refused.Status, refused.Error));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await flow.Browser.GoAsync("/account")).Status);

        Directory.Move(Volume + "-away", Volume);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
        Assert.Equal(HttpStatusCode.OK, await HealthAsync(server));
        Assert.Contains(server.Logs.Lines, line => line.StartsWith($"Warning {typeof(DatabaseOutage).FullName}: The database is away ({Volume}", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Logs.Lines, line => line.StartsWith("Error ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(raw.SQLITE_BUSY, true, false)]
    [InlineData(raw.SQLITE_CANTOPEN, true, true)]
    [InlineData(raw.SQLITE_FULL, true, true)]
    [InlineData(raw.SQLITE_CONSTRAINT, false, false)]
    [InlineData(raw.SQLITE_ERROR, false, false)]
    public void What_passes_is_told_from_a_fault_and_an_outage_from_a_lock(int code, bool passes, bool isOutage)
    {
        var failure = new DbUpdateException("what EF Core says", new SqliteException("what SQLite says", code));
        Assert.Equal((passes, isOutage), (DatabaseAbsence.IsCauseOf(failure), DatabaseAbsence.IsOutage(failure)));
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _redis.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<HttpStatusCode> HealthAsync(RunningAuthServer server) =>
        (await server.Client.GetAsync("/health", TestContext.Current.CancellationToken)).StatusCode;
}
