using System.Net;
using McpAspire.AuthServer.Availability;
using McpAspire.AuthServer.Revocation;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests;

public sealed class DurabilityTests : IAsyncLifetime
{
    private readonly RedisServer _redis = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("authserver-tests-").FullName;
    private TestClient _client = null!;

    public async ValueTask InitializeAsync() => _client = await TestClient.StartAsync();

    [Fact]
    public async Task A_restart_keeps_keys_sessions_and_grants()
    {
        var first = await RunningAuthServer.StartAsync(_redis.ConnectionString, folder: _folder);
        var flow = new Flow(first, _client);
        var tokens = await flow.TokensAsync();
        var keys = await KeysAsync(first);
        await first.DisposeAsync();

        await using var second = await RunningAuthServer.StartAsync(_redis.ConnectionString, first.Port, folder: _folder, time: first.Time);
        Assert.Equal(keys, await KeysAsync(second));
        Assert.Contains("Alice Adams", (await flow.Browser.GoAsync("/")).Text);
        var refreshed = await new Flow(second, _client).TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, refreshed.Status);
        Assert.Equal(tokens.Access.Kid, refreshed.Access.Kid);
    }

    [Fact]
    public async Task Two_processes_on_one_database_start_at_once_share_keys_and_redeem_once()
    {
        var port = FreePort.Next();
        var starts = new[] { port, FreePort.Next() }.Select(listen =>
            Task.Run(() => RunningAuthServer.StartAsync(_redis.ConnectionString, port, listen, _folder)));
        var servers = await Task.WhenAll(starts);
        Assert.Equal(await KeysAsync(servers[0]), await KeysAsync(servers[1]));

        var flow = new Flow(servers[0], _client);
        var tokens = await flow.TokensAsync();
        for (var round = 0; round < 3; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(number =>
                flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken), servers[number % 2].Client)));
            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
            tokens = answers[0];
            Assert.All(answers, answer => Assert.Equal(tokens.RefreshToken, answer.RefreshToken));
        }

        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Under_another_issuer_it_says_so_and_refuses_old_tokens_which_are_good_after_the_way_back()
    {
        var first = await RunningAuthServer.StartAsync(_redis.ConnectionString, folder: _folder);
        var flow = new Flow(first, _client);
        var tokens = await flow.TokensAsync();
        await first.DisposeAsync();

        var other = await RunningAuthServer.StartAsync(_redis.ConnectionString, folder: _folder);
        Assert.Contains(other.Logs.Lines, line => line.Contains($"was made for the issuer {first.Issuer}"));
        Assert.Equal("invalid_grant", (await new Flow(other, _client).TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
        await other.DisposeAsync();

        await using var back = await RunningAuthServer.StartAsync(_redis.ConnectionString, first.Port, folder: _folder, time: first.Time);
        Assert.Equal(HttpStatusCode.OK, (await new Flow(back, _client).TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
    }

    [Fact]
    public async Task A_wrong_wrapping_key_stops_the_start_with_a_clear_message()
    {
        var first = await RunningAuthServer.StartAsync(_redis.ConnectionString, folder: _folder);
        await first.DisposeAsync();
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningAuthServer.StartAsync(
            _redis.ConnectionString, folder: _folder, settings: ("DataProtection:WrappingKey", "another wrapping key of 32 characters or more")));
        Assert.Contains("DataProtection:WrappingKey", failure.Message);
    }

    [Theory]
    [InlineData("Resources:0:Uri", "not a url", "Resources")]
    [InlineData("AccessTokenLifetime", "-00:05:00", "AccessTokenLifetime")]
    [InlineData("AccessTokenLifetime", "365.00:00:00", "AccessTokenLifetime")]
    [InlineData("Guessing:PasswordPerMinute", "5", "'Guessing:PasswordPerMinute' is not known. Known are: PasswordsPerMinute, SecretsPerMinute")]
    [InlineData("ClientDocuments:DeniedHost:0", "evil.example", "'ClientDocuments:DeniedHost' is not known")]
    [InlineData("Resources:0:Scopes", "mcp:tools", "'Resources:0:Scopes' is not known")]
    [InlineData("Accounts:0:Admin", "true", "'Accounts:0:Admin' is not known")]
    [InlineData("ClientAssertions:Audience", "Token", "ClientAssertions:Audience")]
    public async Task A_setting_that_only_later_requests_use_stops_the_start(string key, string value, string named)
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => RunningAuthServer.StartAsync(_redis.ConnectionString, folder: _folder, settings: (key, value)));
        Assert.Contains(named, failure.Message);
    }

    [Fact]
    public async Task A_database_of_Development_whose_known_passwords_still_work_stops_the_start_elsewhere()
    {
        await (await RunningAuthServer.StartAsync(_redis.ConnectionString, folder: _folder)).DisposeAsync();
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningAuthServer.StartAsync(
            _redis.ConnectionString, folder: _folder, environment: "Production",
            settings: [("PublicUrl", "https://auth.example"), ("Resources:0:Uri", "https://mcp.example/mcp")]));
        Assert.Contains("'alice'", failure.Message);
        Assert.Contains("DataFolder", failure.Message);
    }

    [Fact]
    public async Task While_redis_is_away_pages_and_tokens_answer_503_nothing_is_redeemed_and_all_recovers()
    {
        await using var server = await RunningAuthServer.StartAsync(_redis.ConnectionString + ",connectTimeout=500,syncTimeout=1000,asyncTimeout=1000", folder: _folder);
        var flow = new Flow(server, _client);
        var tokens = await flow.TokensAsync();

        _redis.Stop();
        await PagesAnswerAsync(server, HttpStatusCode.ServiceUnavailable);
        var refused = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (refused.Status, refused.Error));
        using var elsewhere = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent([]), Headers = { { "Origin", "https://app.example" } } };
        var answer = await server.Client.SendAsync(elsewhere, TestContext.Current.CancellationToken);
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        answer = await server.Client.GetAsync("/connect/userinfo", TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (answer.StatusCode, (await Answer.OfAsync(answer)).Error));
        var page = await flow.Browser.GoAsync("/sign-in");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status);
        Assert.NotNull(page.Response.Headers.RetryAfter);
        var metadata = await server.Client.GetAsync("/.well-known/oauth-authorization-server", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, metadata.StatusCode);

        _redis.Start();
        await Eventually.BeTrueAsync(
            async () => (await flow.Browser.GoAsync("/sign-in")).Status == HttpStatusCode.OK, "pages are back", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
    }

    /// <summary>However many requests, probes and background services meet it.</summary>
    [Fact]
    public async Task The_log_says_once_that_redis_is_away_and_once_that_it_is_back()
    {
        await using var server = await RunningAuthServer.StartAsync(_redis.ConnectionString + ",connectTimeout=500,syncTimeout=1000,asyncTimeout=1000", folder: _folder);
        await PagesAnswerAsync(server, HttpStatusCode.OK);

        _redis.Stop();
        await PagesAnswerAsync(server, HttpStatusCode.ServiceUnavailable);
        var before = server.Logs.Lines.Count;
        foreach (var path in new[] { "/sign-in", "/account", "/connect/userinfo", "/health" })
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
        }

        Assert.DoesNotContain(server.Logs.Lines.Skip(before), IsLoud);
        _redis.Start();
        await Eventually.BeTrueAsync(
            () => Task.FromResult(Said(server).Length > 1), "it is said that it is back", cancellationToken: TestContext.Current.CancellationToken);
        await PagesAnswerAsync(server, HttpStatusCode.OK);
        Assert.Collection(
            Said(server),
            line => Assert.StartsWith($"Warning {typeof(RedisOutage).FullName}: Redis is away: ", line, StringComparison.Ordinal),
            line => Assert.StartsWith($"Information {typeof(RedisOutage).FullName}: Redis is back, after ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_redis_that_hangs_is_noticed_nothing_is_lost_and_all_recovers()
    {
        await using var relay = new FreezableRelay(_redis);
        await using var server = await RunningAuthServer.StartAsync(relay.ConnectionString + ",syncTimeout=500,asyncTimeout=500", folder: _folder);
        var flow = new Flow(server, _client);
        var tokens = await flow.TokensAsync();

        relay.Freeze();
        // Within a moment of its last answer a refresh may still succeed; then its new token is good.
        if (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken)) is { Status: HttpStatusCode.OK } again)
        {
            tokens = again;
        }

        await PagesAnswerAsync(server, HttpStatusCode.ServiceUnavailable);
        var refused = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (refused.Status, refused.Error));

        relay.Thaw();
        await PagesAnswerAsync(server, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
    }

    private static Task PagesAnswerAsync(RunningAuthServer server, HttpStatusCode status) => Eventually.BeTrueAsync(
        async () => (await server.Client.GetAsync("/sign-in", TestContext.Current.CancellationToken)).StatusCode == status,
        $"pages answer {status}", cancellationToken: TestContext.Current.CancellationToken);

    [Fact]
    public async Task It_starts_while_redis_is_away_and_works_once_it_is_there()
    {
        _redis.Stop();
        await using var server = await RunningAuthServer.StartAsync(_redis.ConnectionString + ",connectTimeout=500,syncTimeout=1000,asyncTimeout=1000", folder: _folder);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.GetAsync("/sign-in", TestContext.Current.CancellationToken)).StatusCode);
        _redis.Start();
        await PagesAnswerAsync(server, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, (await new Flow(server, _client).TokensAsync()).Status);
    }

    [Fact]
    public async Task Outside_Development_there_are_only_configured_accounts_and_no_known_password_or_client()
    {
        await using var server = await RunningAuthServer.StartAsync(
            _redis.ConnectionString, folder: _folder, environment: "Production",
            settings:
            [
                ("PublicUrl", "https://auth.example"), ("Resources:0:Uri", "https://mcp.example/mcp"),
                ("Accounts:0:UserName", "Grace"), ("Accounts:0:Password", "a long enough password"), ("Accounts:0:Name", "Grace Hopper"), ("Accounts:0:Roles:0", "admin"),
            ]);
        using var scope = server.Scope();
        var account = Assert.Single(((Storage.AuthDbContext)scope.ServiceProvider.GetService(typeof(Storage.AuthDbContext))!).Accounts);
        Assert.Equal(("grace", "Grace Hopper", "admin"), (account.UserName, account.Name, account.Roles));
        Assert.DoesNotContain("password", account.PasswordHash);
        Assert.Empty(((Storage.AuthDbContext)scope.ServiceProvider.GetService(typeof(Storage.AuthDbContext))!).Clients);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/sign-in") { Headers = { Host = "auth.example" } };
        var page = await (await server.Client.SendAsync(request, TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Sign in", page);
        Assert.DoesNotContain("alice", page);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _redis.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private static string[] Said(RunningAuthServer server) =>
        [.. server.Logs.Lines.Where(line => line.Contains($" {typeof(RedisOutage).FullName}: ", StringComparison.Ordinal))];

    /// <summary>The revocations have a warning of their own: they are kept.</summary>
    private static bool IsLoud(string line) =>
        (line.StartsWith("Warning ", StringComparison.Ordinal) || line.StartsWith("Error ", StringComparison.Ordinal))
        && !line.Contains($" {typeof(RevocationPublisher).FullName}: ", StringComparison.Ordinal);

    private static Task<string> KeysAsync(RunningAuthServer server) =>
        server.Client.GetStringAsync("/.well-known/jwks", TestContext.Current.CancellationToken);
}
