using System.Net;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

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

    private async Task<HttpStatusCode> StatusAsync(string path) =>
        (await _server.Client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode;
}
