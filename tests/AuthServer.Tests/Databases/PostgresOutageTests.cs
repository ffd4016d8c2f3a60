using System.Net;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Storage.Outages;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace McpAspire.AuthServer.Tests.Databases;

/// <summary>A PostgreSQL that is stopped or killed under a service that runs, and started again.</summary>
public sealed class PostgresOutageTests : IAsyncLifetime
{
    private const int AtOnce = 12;

    private readonly RedisServer _redis = new();
    private PostgresServer _postgres = null!;
    private RunningAuthServer _server = null!;
    private TestClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.Missing is null)
        {
            _postgres = await PostgresServer.StartNewAsync();
            _server = await RunningAuthServer.StartAsync(_redis.ConnectionString, database: await _postgres.MakeDatabaseAsync());
            _client = await TestClient.StartAsync();
        }
    }

    [Theory]
    [InlineData("stopped")]
    [InlineData("killed")]
    public async Task While_it_is_away_the_answer_is_503_and_once_it_is_back_what_was_answered_before_is_there(string how)
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var flow = new Flow(_server, _client);
        var acknowledged = await flow.TokenAsync(Flow.RefreshRequest((await flow.TokensAsync()).RefreshToken));
        // In the middle of work, with many connections.
        var work = new List<Task<Answer>>();
        for (var number = 0; number < AtOnce; number++)
        {
            work.Add(RefreshUntilItFailsAsync((await flow.TokensAsync()).RefreshToken));
        }

        acknowledged = await flow.TokenAsync(Flow.RefreshRequest(acknowledged.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, acknowledged.Status);
        await (how == "stopped" ? _postgres.StopAsync() : _postgres.KillAsync());

        Assert.All(await Task.WhenAll(work), IsAway);
        IsAway(await flow.TokenAsync(Flow.RefreshRequest(acknowledged.RefreshToken)));
        IsAway(await flow.PostAsync("/connect/par", flow.Request()));
        IsAway(await flow.PostAsync("/connect/revoke", new() { ["token"] = acknowledged.RefreshToken }));
        IsAway(await UserInfoAsync(acknowledged.AccessToken));
        var page = await flow.Browser.GoAsync("/account");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (page.Status, page.Response.Headers.RetryAfter is not null));
        Assert.Contains("reload this page in a few seconds", page.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await flow.AuthorizeAsync()).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("/health"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/alive"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/.well-known/jwks"));

        await _postgres.StartAsync();
        await Eventually.BeTrueAsync(
            async () => await StatusAsync("/health") == HttpStatusCode.OK, "it is ready again", TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(acknowledged.RefreshToken))).Status);
        Assert.Contains("Test client", (await flow.Browser.GoAsync("/account")).Text, StringComparison.Ordinal);
        Assert.All(await ManyAtOnceAsync(acknowledged), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    /// <summary>The connections in the pool are all dead, and nobody has noticed yet.</summary>
    [Fact]
    public async Task Restarted_at_once_it_costs_requests_of_the_first_seconds_at_most()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var tokens = await new Flow(_server, _client).TokensAsync();
        Assert.All(await ManyAtOnceAsync(tokens), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));

        await _postgres.StopAsync();
        await _postgres.StartAsync();
        Assert.All((await ManyAtOnceAsync(tokens)).Where(answer => answer.Status != HttpStatusCode.OK), IsAway);
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.All(await ManyAtOnceAsync(tokens), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    /// <summary>However many requests, probes and background services meet it.</summary>
    [Theory]
    [InlineData("stopped")]
    [InlineData("killed")]
    public async Task The_log_says_once_that_it_is_away_and_once_that_it_is_back(string how)
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var tokens = await new Flow(_server, _client).TokensAsync();
        Assert.All(await ManyAtOnceAsync(tokens), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        var before = _server.Logs.Lines.Count;

        await (how == "stopped" ? _postgres.StopAsync() : _postgres.KillAsync());
        Assert.All(await ManyAtOnceAsync(tokens), IsAway);
        IsAway(await new Flow(_server, _client).TokenAsync(Flow.RefreshRequest(tokens.RefreshToken)));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("/health"));
        // The key ring and the pruning go by the clock of the test, the outboxes by the machine's.
        _server.Time.Advance(TimeSpan.FromMinutes(5));
        var failures = Failures();
        await Eventually.BeTrueAsync(
            () => Task.FromResult(Failures() >= failures + 5), "background services failed too", cancellationToken: TestContext.Current.CancellationToken);

        await _postgres.StartAsync();
        await Eventually.BeTrueAsync(
            () => Task.FromResult(Said(before).Length > 1), "it is said that it is back", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await new Flow(_server, _client).TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
        Assert.Collection(
            Said(before),
            line => Assert.StartsWith($"Warning {typeof(DatabaseOutage).FullName}: The database is away (the PostgreSQL database 'test_", line, StringComparison.Ordinal),
            line => Assert.StartsWith($"Information {typeof(DatabaseOutage).FullName}: The database is back (", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failure_that_is_no_outage_is_logged_in_full()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var tokens = await new Flow(_server, _client).TokensAsync();
        await using var database = TestDatabase.Open(_server.Database);
        await TestDatabase.RefuseAsync(database, "UPDATE ON \"OpenIddictTokens\"");
        var before = _server.Logs.Lines.Count;
        Assert.Equal(HttpStatusCode.InternalServerError, (await new Flow(_server, _client).TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
        var failure = Assert.Single(Said(before), line => line.StartsWith($"Error {typeof(FailureLog).FullName}", StringComparison.Ordinal));
        Assert.Contains("UPDATE \"OpenIddictTokens\"", failure, StringComparison.Ordinal);
        Assert.Contains("P0001: refused", failure, StringComparison.Ordinal);
        Assert.Contains("   at Npgsql.", failure, StringComparison.Ordinal);
        Assert.DoesNotContain(Said(before), line => line.Contains(nameof(DatabaseOutage), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_command_says_that_the_server_can_not_be_reached_and_which_and_no_password()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var connection = new NpgsqlConnectionStringBuilder(_server.Database);
        await _postgres.StopAsync();
        foreach (var command in new[] { "accounts list", "keys rotate", "database backup never-written" })
        {
            var (exitCode, output) = await ServiceCommand.RunAsync(_server, command.Split(' '));
            Assert.Equal((1, command), (exitCode, command));
            Assert.Contains($"at 127.0.0.1, port {connection.Port}, which can't be reached: ", output, StringComparison.Ordinal);
            Assert.DoesNotContain(connection.Password!, output, StringComparison.Ordinal);
            Assert.DoesNotContain("no database of this version", output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("57P01", true)]
    [InlineData("57P03", true)]
    [InlineData("53300", true)]
    [InlineData("40001", false)]
    [InlineData("40P01", false)]
    [InlineData("55P03", false)]
    [InlineData("23505", false)]
    [InlineData("42P01", false)]
    public void An_outage_is_told_from_what_requests_do_to_each_other_and_from_a_fault(string sqlState, bool isOutage) =>
        Assert.Equal(isOutage, DatabaseAbsence.IsOutage(new DbUpdateException("what EF Core says", new PostgresException("what PostgreSQL says", "ERROR", "ERROR", sqlState))));

    public async ValueTask DisposeAsync()
    {
        if (PostgresServer.Missing is null)
        {
            await _client.DisposeAsync();
            await _server.DisposeAsync();
            await _postgres.DisposeAsync();
        }

        _redis.Dispose();
    }

    private static void IsAway(Answer answer)
    {
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (answer.Status, answer.Error));
        Assert.NotNull(answer.Response.Headers.RetryAfter);
        Assert.Equal("no-store", answer.Response.Headers.CacheControl?.ToString());
    }

    private async Task<Answer> RefreshUntilItFailsAsync(string refreshToken)
    {
        var flow = new Flow(_server, _client);
        while (true)
        {
            var answer = await flow.TokenAsync(Flow.RefreshRequest(refreshToken));
            if (answer.Status != HttpStatusCode.OK)
            {
                return answer;
            }

            refreshToken = answer.RefreshToken;
        }
    }

    private async Task<Answer> UserInfoAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo") { Headers = { Authorization = new("Bearer", accessToken) } };
        return await Answer.OfAsync(await _server.Client.SendAsync(request, TestContext.Current.CancellationToken));
    }

    private Task<Answer[]> ManyAtOnceAsync(Answer tokens) =>
        Task.WhenAll(Enumerable.Range(0, 2 * AtOnce).Select(_ => UserInfoAsync(tokens.AccessToken)));

    /// <summary>What an operator reads: warnings and worse, and what is said about the database.</summary>
    private string[] Said(int since) =>
    [
        .. _server.Logs.Lines.Skip(since).Where(line =>
            line.StartsWith("Warning ", StringComparison.Ordinal) || line.StartsWith("Error ", StringComparison.Ordinal) || line.StartsWith("Critical ", StringComparison.Ordinal)
            || line.StartsWith($"Information {typeof(DatabaseOutage).FullName}", StringComparison.Ordinal)),
    ];

    /// <summary>How often EF Core failed to reach the database.</summary>
    private int Failures() => _server.Logs.Lines.Count(line => line.StartsWith("Debug Microsoft.EntityFrameworkCore.Database.Connection: An error occurred", StringComparison.Ordinal));

    private async Task<HttpStatusCode> StatusAsync(string path) =>
        (await _server.Client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode;
}
