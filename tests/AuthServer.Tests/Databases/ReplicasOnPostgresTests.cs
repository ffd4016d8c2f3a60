using System.Net;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Keys;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Tests.Databases;

/// <summary>Two AuthServers on one PostgreSQL behave as one. They start at once, on an empty database.</summary>
public sealed class ReplicasOnPostgresTests : IAsyncLifetime
{
    private readonly RedisServer _redis = new();
    private RunningAuthServer[] _servers = [];
    private TestClient _client = null!;
    private string _database = "";

    private RunningAuthServer One => _servers[0];

    private RunningAuthServer Other => _servers[1];

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.Missing is null)
        {
            _client = await TestClient.StartAsync();
            _database = await PostgresServer.NewDatabaseAsync();
            var port = FreePort.Next();
            var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
            _servers = await Task.WhenAll(new[] { port, FreePort.Next() }.Select(listen =>
                Task.Run(() => RunningAuthServer.StartAsync(_redis.ConnectionString, port, listen, time: time, database: _database))));
        }
    }

    [Fact]
    public async Task They_made_one_key_of_each_use_and_each_account_once()
    {
        SkipWithoutPostgres();
        Assert.Equal(await KeysAsync(One), await KeysAsync(Other));
        await using var database = TestDatabase.Open(_database);
        Assert.Equal(Enum.GetValues<KeyUse>().Length, await database.Keys.CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal(3, await database.Accounts.CountAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_code_of_one_is_redeemed_at_the_other_by_exactly_one_of_many_requests()
    {
        SkipWithoutPostgres();
        for (var round = 0; round < 3; round++)
        {
            var flow = new Flow(One, _client);
            var code = await flow.CodeAsync();
            var answers = await RaceAsync(flow, flow.CodeRequest(code));
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
            Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => Assert.Equal("invalid_grant", answer.Error));
        }
    }

    [Fact]
    public async Task Of_refreshes_with_one_token_at_both_the_database_lets_exactly_one_win()
    {
        SkipWithoutPostgres();
        var flow = new Flow(One, _client);
        var tokens = await flow.TokensAsync();
        for (var round = 0; round < 5; round++)
        {
            var answers = await RaceAsync(flow, Flow.RefreshRequest(tokens.RefreshToken));
            // Whoever is answered gets the one answer that there is.
            tokens = Assert.Single(answers.Where(answer => answer.Status == HttpStatusCode.OK).DistinctBy(answer => answer.RefreshToken));
            Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => Assert.Equal("invalid_grant", answer.Error));
        }

        await using var database = TestDatabase.Open(_database);
        Assert.Equal(1, await database.Tokens.CountAsync(
            token => token.Status == "valid" && token.Type!.EndsWith("refresh_token"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_consent_given_at_one_is_known_at_the_other_with_the_session()
    {
        SkipWithoutPostgres();
        var here = new Flow(One, _client);
        await here.TokensAsync();
        await using (var database = TestDatabase.Open(_database))
        {
            Assert.Single(await database.Set<Consent>().ToListAsync(TestContext.Current.CancellationToken));
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/account")
        {
            Headers = { { "Cookie", string.Join("; ", here.Browser.Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")) } },
        };
        var page = await Other.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains("Test client", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_grant_that_is_revoked_at_one_is_over_at_the_other_and_told_to_resource_servers()
    {
        SkipWithoutPostgres();
        await using var revocations = await RevocationsInRedis.ReadAsync(_redis);
        var flow = new Flow(One, _client);
        var tokens = await flow.TokensAsync();
        var entry = $"grant:{tokens.Access.GetClaim("grant_id").Value}";
        Assert.Equal(HttpStatusCode.OK, (await flow.PostAsync("/connect/revoke", new() { ["token"] = tokens.RefreshToken }, Other.Client)).Status);
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
        await Eventually.BeTrueAsync(
            async () => (await revocations.MembersAsync()).Contains(entry), "the entry of the grant", cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Acts_of_many_rows_at_both_at_once_all_succeed()
    {
        SkipWithoutPostgres();
        for (var round = 0; round < 3; round++)
        {
            var flows = Enumerable.Range(0, 3).Select(_ => new Flow(One, _client)).ToArray();
            foreach (var flow in flows)
            {
                await flow.TokensAsync(flow.Request("mcp:tools offline_access"));
            }

            await using var database = TestDatabase.Open(_database);
            var session = await database.Sessions.AsNoTracking().FirstAsync(row => row.EndedAt == null, TestContext.Current.CancellationToken);
            var processes = Enumerable.Range(0, 6).Select(number => new DyingProcess(_servers[number % 2])).ToArray();
            await Task.WhenAll(processes.Select((process, number) => (number % 3) switch
            {
                0 => process.Acts.EndEverythingAsync(session.AccountId, EndReason.SignedOutEverywhere, TestContext.Current.CancellationToken),
                1 => process.Acts.RemoveApplicationAsync(session.AccountId, _client.Id, TestContext.Current.CancellationToken),
                _ => process.Acts.EndSessionAsync(session, EndReason.SessionEnded, TestContext.Current.CancellationToken),
            }));
            Assert.False(await database.Grants.AnyAsync(grant => grant.EndedAt == null, TestContext.Current.CancellationToken));
            foreach (var process in processes)
            {
                await process.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        _redis.Dispose();
    }

    private static void SkipWithoutPostgres() => Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");

    private Task<Answer[]> RaceAsync(Flow flow, Dictionary<string, string?> request) =>
        Task.WhenAll(Enumerable.Range(0, 6).Select(number => flow.TokenAsync(request, _servers[number % 2].Client)));

    private static Task<string> KeysAsync(RunningAuthServer server) =>
        server.Client.GetStringAsync("/.well-known/jwks", TestContext.Current.CancellationToken);
}
