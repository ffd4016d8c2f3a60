using System.Net;
using McpAspire.AuthServer.Limits;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests;

/// <summary>Passwords and secrets of clients can't be tried without end from one network.</summary>
public sealed class GuessingLimitTests : IAsyncLifetime
{
    private const string Service = "service";
    private const string Other = "other";
    private const string Secret = "a secret of the tests with 32 characters or more";
    private const string Somewhere = "192.0.2.7";
    private const string Elsewhere = "192.0.2.8";

    private readonly RedisServer _redis = new();
    private RunningAuthServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task A_network_has_so_many_wrong_passwords_of_whatever_accounts_within_a_minute_and_is_told_what_to_do()
    {
        foreach (var name in new[] { "alice", "bob", "nobody" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await SignInAsync(name, "wrong")).Status);
        }

        var refused = await SignInAsync("alice", "alice");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.InRange(refused.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Contains("Wait a minute", refused.Html.QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
        Assert.NotNull(refused.Html.QuerySelector("input[type=password]"));
        Assert.Contains(_server.Logs.Lines, line => line.Contains("Sign-in refused: too many wrong passwords from 127.0.0.1", StringComparison.Ordinal));

        _server.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync("alice", "alice")).Status);
    }

    [Fact]
    public async Task Parallel_wrong_passwords_are_not_looked_at_more_often()
    {
        var pages = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => SignInAsync($"nobody-{number}", "wrong")));
        Assert.Equal(3, pages.Count(page => page.Status == HttpStatusCode.BadRequest));
        Assert.Equal(5, pages.Count(page => page.Status == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task A_site_of_IPv6_has_four_times_as_many_wrong_passwords_from_all_its_networks_and_right_ones_count_for_none()
    {
        for (var number = 0; number < 12; number++)
        {
            var right = await GuessesFrom($"2001:db8:1:{number}::1").CountAsync();
            await GuessesFrom($"2001:db8:1:{number}::1").TakeBackAsync(right);
            Assert.Null((await GuessesFrom($"2001:db8:1:{number}::1").CountAsync()).Wait);
        }

        // Who was refused for its site has used up nothing of its network.
        for (var guess = 0; guess < 4; guess++)
        {
            var refused = await GuessesFrom("2001:db8:1:99::1").CountAsync();
            Assert.Equal("2001:db8:1::/48", refused.From);
            Assert.InRange(refused.Wait!.Value.TotalSeconds, 1, 60);
        }

        Assert.Null((await GuessesFrom("2001:db8:2:99::1").CountAsync()).Wait);
    }

    [Fact]
    public async Task Right_passwords_and_secrets_do_not_count()
    {
        for (var round = 0; round < 5; round++)
        {
            Assert.Equal(HttpStatusCode.OK, (await SignInAsync("alice", "alice")).Status);
            Assert.Equal(HttpStatusCode.OK, (await TokenAsync(Secret)).Status);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await SignInAsync("alice", "wrong")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await TokenAsync("wrong")).Status);
    }

    [Theory]
    [InlineData("/connect/token")]
    [InlineData("/connect/revoke")]
    [InlineData("/connect/introspect")]
    [InlineData("/connect/par")]
    [InlineData("/connect/device")]
    public async Task A_network_has_so_many_wrong_secrets_of_a_client_within_a_minute_at_all_endpoints_together(string path)
    {
        for (var guess = 0; guess < 3; guess++)
        {
            Assert.Equal("invalid_client", (await PostAsync(guess == 0 ? "/connect/token" : path, "wrong")).Error);
        }

        foreach (var asked in new[] { path, "/connect/token" })
        {
            var refused = await PostAsync(asked, Secret);
            Assert.Equal((HttpStatusCode.TooManyRequests, "temporarily_unavailable"), (refused.Status, refused.Error));
            Assert.InRange(refused.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            Assert.Contains("Wait a minute", refused.Text("error_description"));
        }

        _server.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await TokenAsync(Secret)).Status);
    }

    [Fact]
    public async Task Other_clients_of_the_network_and_the_client_elsewhere_go_on()
    {
        await CloseAsync();
        Assert.Equal(HttpStatusCode.TooManyRequests, (await TokenAsync(Secret)).Status);
        Assert.Equal(HttpStatusCode.OK, (await TokenAsync(Secret, clientId: Other)).Status);
        Assert.Equal(HttpStatusCode.OK, (await TokenAsync(Secret, from: Elsewhere)).Status);
    }

    [Fact]
    public async Task Another_process_closes_its_door_with_the_first_wrong_secret_that_comes_to_it()
    {
        await using var second = await StartAsync(_server);
        await CloseAsync();
        Assert.Equal(HttpStatusCode.OK, (await TokenAsync(Secret, server: second)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await TokenAsync("wrong", server: second)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await TokenAsync(Secret, server: second)).Status);
    }

    [Fact]
    public async Task The_minute_is_any_minute_and_not_the_clocks()
    {
        var tries = Tries();
        _server.Time.Advance(TimeSpan.FromSeconds(119 - (_server.Time.GetUtcNow().ToUnixTimeSeconds() % 60)));
        for (var guess = 0; guess < 5; guess++)
        {
            Assert.Null((await tries.CountAsync("test", "somebody", 5)).Wait);
        }

        // The clock's next minute gives no others, and asking meanwhile makes nobody wait longer.
        for (var second = 1; second < 60; second++)
        {
            _server.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(60 - second, (await tries.CountAsync("test", "somebody", 5)).Wait!.Value.TotalSeconds, tolerance: 0.01);
        }

        _server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null((await tries.CountAsync("test", "somebody", 5)).Wait);
    }

    [Fact]
    public async Task Parallel_tries_are_no_more_and_one_that_was_right_makes_room()
    {
        var tries = Tries();
        var counted = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => tries.CountAsync("test", "somebody", 5)));
        Assert.Equal(5, counted.Count(one => one.Wait is null));
        await tries.TakeBackAsync(counted.First(one => one.Wait is null));
        Assert.Null((await tries.CountAsync("test", "somebody", 5)).Wait);
        Assert.NotNull((await tries.CountAsync("test", "somebody", 5)).Wait);
    }

    [Theory]
    [InlineData("Guessing:PasswordsPerMinute")]
    [InlineData("Guessing:SecretsPerMinute")]
    public async Task A_limit_that_makes_no_sense_stops_the_start(string setting)
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningAuthServer.StartAsync(_redis.ConnectionString, settings: [(setting, "0")]));
        Assert.Contains(setting, refusal.Message);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<RunningAuthServer> StartAsync(RunningAuthServer? first = null) => RunningAuthServer.StartAsync(
        _redis.ConnectionString, first?.Port ?? 0, first is null ? 0 : FreePort.Next(), first?.Folder, first?.Time, settings:
        [
            ("Guessing:PasswordsPerMinute", "3"), ("Guessing:SecretsPerMinute", "3"), ("ForwardedHeaders:KnownProxies:0", "127.0.0.1"),
            ("Clients:1:ClientId", Service), ("Clients:1:Secret", Secret), ("Clients:1:GrantTypes:0", "client_credentials"),
            ("Clients:2:ClientId", Other), ("Clients:2:Secret", Secret), ("Clients:2:GrantTypes:0", "client_credentials"),
        ]);

    private WrongTries Tries() => _server.Scope().ServiceProvider.GetRequiredService<WrongTries>();

    private PasswordGuesses GuessesFrom(string address)
    {
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
        return new PasswordGuesses(
            Tries(), new RequestSource(new HttpContextAccessor { HttpContext = context }), new GuessingOptions { PasswordsPerMinute = 3 });
    }

    private async Task CloseAsync()
    {
        for (var guess = 0; guess < 3; guess++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await TokenAsync("wrong")).Status);
        }
    }

    private async Task<Page> SignInAsync(string userName, string password)
    {
        using var browser = new TestBrowser(_server.Issuer);
        return await browser.SubmitAsync(await browser.GoAsync("/sign-in"), new() { ["username"] = userName, ["password"] = password });
    }

    private Task<Answer> TokenAsync(string secret, string clientId = Service, string from = Somewhere, RunningAuthServer? server = null) =>
        PostAsync("/connect/token", secret, clientId, from, server);

    private async Task<Answer> PostAsync(string path, string secret, string clientId = Service, string from = Somewhere, RunningAuthServer? server = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = clientId,
                ["client_secret"] = secret,
                ["token"] = "any",
                ["response_type"] = "code",
                ["redirect_uri"] = "https://app.example/cb",
                ["code_challenge"] = Pkce.New().Challenge,
                ["code_challenge_method"] = "S256",
            }),
            Headers = { { "X-Forwarded-For", from } },
        };
        return await Answer.OfAsync(await (server ?? _server).Client.SendAsync(request, Cancel));
    }
}
