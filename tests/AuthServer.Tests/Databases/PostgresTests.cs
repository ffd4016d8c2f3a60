using System.Net;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Storage.Postgres;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Tests.Databases;

/// <summary>The same journeys with PostgreSQL, and what is different about it.</summary>
public sealed class PostgresTests(PostgresSurroundings stack) : IClassFixture<PostgresSurroundings>
{
    [Fact]
    public async Task A_person_signs_in_allows_a_client_and_it_refreshes_until_the_grant_is_revoked()
    {
        stack.SkipWhereMissing();
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo") { Headers = { Authorization = new("Bearer", tokens.AccessToken) } };
        var person = await Answer.OfAsync(await stack.Server.Client.SendAsync(request, TestContext.Current.CancellationToken));
        Assert.Equal(("Alice Adams", "alice@example.com"), (person.Text("name"), person.Text("email")));

        var refreshed = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, refreshed.Status);
        Assert.Contains("Test client", (await flow.Browser.GoAsync("/account")).Text);
        Assert.Equal(HttpStatusCode.OK, (await flow.PostAsync("/connect/revoke", new() { ["token"] = refreshed.RefreshToken })).Status);
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(refreshed.RefreshToken))).Error);
    }

    [Fact]
    public async Task It_is_ready_while_its_database_answers()
    {
        stack.SkipWhereMissing();
        Assert.Equal(HttpStatusCode.OK, await HealthAsync());
        await using (var database = TestDatabase.Open(stack.Server.Database))
        {
            await using var hold = await database.Database.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await database.Database.ExecuteSqlRawAsync("LOCK TABLE \"Settings\"", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await HealthAsync().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        }

        Assert.Equal(HttpStatusCode.OK, await HealthAsync());
    }

    [Fact]
    public async Task A_client_id_with_the_one_character_that_PostgreSQL_does_not_take_is_an_unknown_client()
    {
        stack.SkipWhereMissing();
        var flow = stack.Flow();
        var request = flow.Request();
        request["client_id"] = "cli\0ent";
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.AuthorizeAsync(request)).Status);
    }

    [Fact]
    public async Task A_password_change_which_ends_many_sessions_takes_its_turn()
    {
        stack.SkipWhereMissing();
        var flow = stack.Flow();
        await flow.SignInAsync(await flow.Browser.GoAsync("/sign-in"), "bob");
        var form = await flow.Browser.GoAsync("/account/password");
        await using var database = TestDatabase.Open(stack.Server.Database);
        var turn = await database.BeginInTurnAsync(TestContext.Current.CancellationToken);
        var changing = flow.Browser.SubmitAsync(form, new() { ["current"] = "bob", ["new"] = "a few words of bob", ["again"] = "a few words of bob" });
        await Assert.ThrowsAsync<TimeoutException>(() => changing.WaitAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken));
        await turn.DisposeAsync();
        Assert.Equal("/account", (await changing).Url.AbsolutePath);
    }

    [Fact]
    public async Task Acts_of_many_rows_by_several_processes_at_once_all_succeed()
    {
        stack.SkipWhereMissing();
        for (var round = 0; round < 3; round++)
        {
            var flows = Enumerable.Range(0, 3).Select(_ => stack.Flow()).ToArray();
            foreach (var flow in flows)
            {
                await flow.TokensAsync(flow.Request("mcp:tools offline_access"));
            }

            await using var database = TestDatabase.Open(stack.Server.Database);
            var alice = await database.Accounts.AsNoTracking().SingleAsync(row => row.UserName == "alice", TestContext.Current.CancellationToken);
            var session = await database.Sessions.AsNoTracking()
                .FirstAsync(row => row.AccountId == alice.Id && row.EndedAt == null, TestContext.Current.CancellationToken);
            var processes = Enumerable.Range(0, 6).Select(_ => new DyingProcess(stack.Server)).ToArray();
            await Task.WhenAll(processes.Select((process, number) => (number % 3) switch
            {
                0 => process.Acts.EndEverythingAsync(alice.Id, EndReason.SignedOutEverywhere, TestContext.Current.CancellationToken),
                1 => process.Acts.RemoveApplicationAsync(alice.Id, stack.Client.Id, TestContext.Current.CancellationToken),
                _ => process.Acts.EndSessionAsync(session, EndReason.SessionEnded, TestContext.Current.CancellationToken),
            }));
            Assert.False(await database.Grants.AnyAsync(grant => grant.AccountId == alice.Id && grant.EndedAt == null, TestContext.Current.CancellationToken));
            foreach (var process in processes)
            {
                await process.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task What_has_expired_is_removed()
    {
        stack.SkipWhereMissing();
        await stack.Flow().TokensAsync();
        await using var database = TestDatabase.Open(stack.Server.Database);
        Assert.True(await database.Tokens.AnyAsync(TestContext.Current.CancellationToken));
        await Pruning.PruneAsync(database, stack.Server.Time.GetUtcNow().AddYears(2), TestContext.Current.CancellationToken);
        Assert.False(await database.Tokens.AnyAsync(TestContext.Current.CancellationToken));
        Assert.False(await database.Grants.AnyAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_turn_to_prepare_a_database_is_one_process_s_at_a_time_and_ends_with_it()
    {
        stack.SkipWhereMissing();
        var database = new PostgresDatabase(PostgresConnection.Parse(stack.Server.Database));
        var first = await database.TakeTurnAsync(TestContext.Current.CancellationToken);
        var second = database.TakeTurnAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<TimeoutException>(() => second.WaitAsync(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken));

        // What the server does with the connection of a process that is gone.
        await using (var context = TestDatabase.Open(stack.Server.Database))
        {
            await context.Database.ExecuteSqlRawAsync(
                // Other tests have their own databases on the same server.
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                TestContext.Current.CancellationToken);
        }

        await (await second.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken)).DisposeAsync();
        await first.DisposeAsync();
    }

    [Fact]
    public async Task A_database_that_can_not_be_used_stops_the_start_with_a_message_that_names_it_and_not_the_password()
    {
        stack.SkipWhereMissing();
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningAuthServer.StartAsync(
            stack.Redis.ConnectionString, database: stack.Server.Database.Replace("Database=test_", "Database=no_", StringComparison.Ordinal)));
        Assert.Contains("'ConnectionStrings:accounts'", failure.Message);
        Assert.Contains("no_", failure.Message);
        Assert.DoesNotContain("Password", failure.Message);
    }

    [Fact]
    public async Task A_host_that_can_not_be_found_is_a_database_that_is_away()
    {
        var database = new PostgresDatabase(PostgresConnection.Parse("Host=nowhere.invalid;Database=auth"));
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => database.TakeTurnAsync(TestContext.Current.CancellationToken));
        Assert.Contains("'ConnectionStrings:accounts'", failure.Message);
        Assert.True(DatabaseAbsence.IsCauseOf(failure));
    }

    private async Task<HttpStatusCode> HealthAsync() =>
        (await stack.Server.Client.GetAsync("/health", TestContext.Current.CancellationToken)).StatusCode;
}

/// <summary>How <c>ConnectionStrings:accounts</c> is read.</summary>
public sealed class DatabaseSettingTests
{
    [Theory]
    [InlineData("Host=db;Database=auth;Username=u;Password=p", "db", 5432, "auth", "p")]
    [InlineData("Server=db;Port=6000;Database=auth", "db", 6000, "auth", null)]
    [InlineData("postgres://u:p%40%2F@db:6000/auth", "db", 6000, "auth", "p@/")]
    [InlineData("postgresql://u:p@db/auth?sslmode=verify-full", "db", 5432, "auth", "p")]
    [InlineData("postgresql://u:a-b@db-1/auth-1?Password=c-d", "db-1", 5432, "auth-1", "c-d")]
    public void PostgreSQL_is_named_by_pairs_or_by_a_URI(string text, string host, int port, string database, string? password)
    {
        Assert.True(PostgresConnection.IsOne(text));
        var parsed = PostgresConnection.Parse(text);
        Assert.Equal((host, port, database, password), (parsed.Host, parsed.Port, parsed.Database, parsed.Password));
        Assert.Equal(text.Contains("sslmode"), parsed.SslMode == Npgsql.SslMode.VerifyFull);
    }

    [Theory]
    [InlineData("postgresql://u:hidden@db")]
    [InlineData("Host=db;Password=hidden")]
    [InlineData("Host=db;Database=auth;Password=hidden;Unheard=of")]
    [InlineData("postgresql://u:hidden@db/auth?unheard=of")]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=x.db;Unheard=of")]
    [InlineData("")]
    public void What_names_no_database_is_refused_by_the_name_of_the_setting_and_without_the_password(string text)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Read(text));
        Assert.Contains("'ConnectionStrings:accounts'", failure.Message);
        Assert.DoesNotContain("hidden", failure.ToString());
    }

    [Fact]
    public void SQLite_is_named_by_a_file_or_by_pairs()
    {
        var file = Path.Combine(Path.GetTempPath(), "some-authserver.db");
        Assert.Equal(file, Read(file).Name);
        Assert.Equal(file, Read($"Data Source={file}").Name);
    }

    private static Database Read(string text) => Database.From(
        new Microsoft.Extensions.Configuration.ConfigurationManager { ["ConnectionStrings:accounts"] = text });
}
