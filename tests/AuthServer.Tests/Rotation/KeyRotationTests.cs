using System.Net;
using McpAspire.AuthServer.Commands;
using McpAspire.AuthServer.Keys;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests.Rotation;

/// <summary>The life of keys, on two processes that share one database and one clock, with nobody restarting either.</summary>
public sealed class KeyRotationTests : IAsyncLifetime
{
    private static readonly TimeSpan Moment = TimeSpan.FromMinutes(1);

    private readonly RedisServer _redis = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("authserver-tests-").FullName;
    private readonly FakeTimeProvider _time = TestClock.New();
    private RunningAuthServer _one = null!;
    private RunningAuthServer _other = null!;
    private TestClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        var port = FreePort.Next();
        _one = await RunningAuthServer.StartAsync(_redis.ConnectionString, port, folder: _folder, time: _time);
        _other = await RunningAuthServer.StartAsync(_redis.ConnectionString, port, FreePort.Next(), _folder, _time);
        _client = await TestClient.StartAsync();
    }

    [Fact]
    public async Task A_key_is_announced_a_day_ahead_active_for_30_days_published_for_a_day_more_and_read_until_no_refresh_token_needs_it()
    {
        var flow = new Flow(_one, _client);
        var unused = await flow.TokensAsync();
        var tokens = await flow.TokensAsync();
        var (firstAccess, firstIdentity) = (tokens.Access.Kid, tokens.Identity.Kid);
        Assert.Equal(3, (await PublishedAsync(_one)).Count);

        Advance(KeyLife.Active - KeyLife.Announced - Moment);
        tokens = await RefreshAsync(flow, tokens);
        unused = await RefreshAsync(flow, unused);
        Assert.Equal(3, (await PublishedAsync(_one)).Count);

        Advance(2 * Moment);
        await PublishedBecomesAsync(keys => keys.Count == 6);
        tokens = await RefreshAsync(flow, tokens);
        Assert.Equal((firstAccess, firstIdentity), (tokens.Access.Kid, tokens.Identity.Kid));
        var announced = await PublishedAsync(_other);
        // Verifiers that take the first key of a kind take the one that signs now.
        Assert.Equal(firstAccess, announced[0].Kid);

        Advance(KeyLife.Announced - 3 * Moment);
        tokens = await RefreshAsync(flow, tokens);
        var before = tokens;
        Assert.Equal(firstAccess, before.Access.Kid);
        Advance(4 * Moment);
        Assert.Equal(HttpStatusCode.OK, await UserInfoAsync(_other, before.AccessToken));
        tokens = await RefreshAsync(flow, tokens, _other);
        Assert.NotEqual(firstAccess, tokens.Access.Kid);
        Assert.NotEqual(firstIdentity, tokens.Identity.Kid);
        // Who fetched the keys before knows the new ones, and nobody who fetches them now misses the old ones.
        Assert.True(await IsValidAsync(tokens.Access, announced));
        Assert.True(await IsValidAsync(before.Access, await PublishedAsync(_other)));
        Assert.Equal(HttpStatusCode.OK, await UserInfoAsync(_one, tokens.AccessToken));

        Advance(KeyLife.Published + TimeSpan.FromMinutes(5));
        var left = await PublishedAsync(_one);
        Assert.Equal(3, left.Count);
        Assert.DoesNotContain(left, key => key.Kid == firstAccess || key.Kid == firstIdentity);
        // A refresh token of the first keys, which no longer stand in the document.
        Assert.Equal(tokens.Access.Kid, (await RefreshAsync(flow, unused)).Access.Kid);

        Advance(KeyLife.Kept);
        await Eventually.BeTrueAsync(
            async () => !(await StoredAsync()).Exists(key => key.Kid == firstAccess || key.Kid == firstIdentity),
            "the first keys are removed", cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Processes_that_turn_the_ring_at_once_make_one_key_of_each_use()
    {
        Advance(KeyLife.Active);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async number =>
        {
            using var scope = (number % 2 == 0 ? _one : _other).Scope();
            await scope.ServiceProvider.GetRequiredService<KeyStore>().TurnAsync(TestContext.Current.CancellationToken);
        }));
        Assert.All((await StoredAsync()).GroupBy(key => key.Use), use => Assert.Equal(2, use.Count()));
    }

    [Fact]
    public async Task Rotating_now_takes_half_a_minute_and_a_retired_key_can_be_removed()
    {
        var flow = new Flow(_one, _client);
        var old = await flow.TokensAsync();
        var (exitCode, output) = await ServiceCommand.RunAsync(_one, "keys", "rotate", "--now");
        Assert.Equal(0, exitCode);
        Assert.Contains("announced, active from", output);

        // The command's process has the machine's clock.
        _time.SetUtcNow(DateTimeOffset.UtcNow);
        await PublishedBecomesAsync(keys => keys.Count == 6);
        Assert.Equal(old.Access.Kid, (await flow.TokensAsync()).Access.Kid);
        Advance(KeyLife.ShortestAnnouncement);
        var tokens = await RefreshAsync(flow, old);
        Assert.NotEqual(old.Access.Kid, tokens.Access.Kid);
        Assert.Equal(HttpStatusCode.OK, await UserInfoAsync(_other, old.AccessToken));

        Assert.Equal((1, true), Said(await CommandAsync("remove", "no-such-key"), "There is no key"));
        Assert.Equal((1, true), Said(await CommandAsync("remove", tokens.Access.Kid), "is still needed"));
        Assert.Equal((0, true), Said(await CommandAsync("remove", old.Access.Kid), "is removed"));
        Advance(KeyLife.Poll);
        await PublishedBecomesAsync(keys => !keys.Exists(key => key.Kid == old.Access.Kid));
        Assert.Equal(HttpStatusCode.Unauthorized, await UserInfoAsync(_other, old.AccessToken));
        Assert.Equal(HttpStatusCode.OK, await UserInfoAsync(_other, tokens.AccessToken));
    }

    [Fact]
    public async Task Rotating_announces_the_next_keys_once_and_the_list_shows_them()
    {
        Assert.Equal((0, true), Said(await CommandAsync("list"), "active since"));
        await CommandAsync("rotate");
        Assert.Equal((0, true), Said(await CommandAsync("rotate"), "announced, active from"));
        Assert.All((await StoredAsync()).GroupBy(key => key.Use), use => Assert.Equal(2, use.Count()));
        Assert.Equal((2, true), Said(await CommandAsync("turn"), "Usage:"));
    }

    [Fact]
    public async Task The_document_may_be_cached_for_5_minutes_by_anyone()
    {
        var answer = await _one.Client.GetAsync("/.well-known/jwks", TestContext.Current.CancellationToken);
        Assert.Equal((true, TimeSpan.FromMinutes(5)), (answer.Headers.CacheControl!.Public, answer.Headers.CacheControl.MaxAge));
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _one.DisposeAsync();
        await _other.DisposeAsync();
        _redis.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private void Advance(TimeSpan time) => _time.Advance(time);

    private static async Task<Answer> RefreshAsync(Flow flow, Answer tokens, RunningAuthServer? at = null)
    {
        var answer = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken), at?.Client);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Json.ToString());
        return answer;
    }

    private static async Task<List<JsonWebKey>> PublishedAsync(RunningAuthServer server) =>
        [.. new JsonWebKeySet(await server.Client.GetStringAsync("/.well-known/jwks", TestContext.Current.CancellationToken)).Keys];

    private async Task PublishedBecomesAsync(Predicate<List<JsonWebKey>> expected)
    {
        foreach (var server in new[] { _one, _other })
        {
            await Eventually.BeTrueAsync(
                async () =>
                {
                    // One read may be under way while the other process writes: the next one is a poll later.
                    _time.Advance(TimeSpan.FromSeconds(1));
                    return expected(await PublishedAsync(server));
                },
                "the key set is as expected", cancellationToken: TestContext.Current.CancellationToken);
        }

        Assert.Equal((await PublishedAsync(_one)).Select(key => key.Kid), (await PublishedAsync(_other)).Select(key => key.Kid));
    }

    private async Task<List<StoredKey>> StoredAsync()
    {
        await using var database = TestDatabase.Open(_one.Database);
        return await database.Keys.AsNoTracking().ToListAsync(TestContext.Current.CancellationToken);
    }

    private async Task<bool> IsValidAsync(JsonWebToken token, List<JsonWebKey> keys) => (await new JsonWebTokenHandler().ValidateTokenAsync(
        token.EncodedToken,
        new TokenValidationParameters
        {
            ValidIssuer = _one.Issuer,
            ValidAudience = RunningAuthServer.Resource,
            ValidateLifetime = false,
            IssuerSigningKeys = keys,
            TryAllIssuerSigningKeys = false,
        })).IsValid;

    private static async Task<HttpStatusCode> UserInfoAsync(RunningAuthServer server, string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo") { Headers = { Authorization = new("Bearer", accessToken) } };
        return (await server.Client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode;
    }

    /// <summary>The command with the clock of the tests.</summary>
    private async Task<(int ExitCode, string Output)> CommandAsync(params string[] arguments)
    {
        using var scope = _one.Scope();
        var services = scope.ServiceProvider;
        using var output = new StringWriter();
        var command = new KeyCommand(
            services.GetRequiredService<KeyRing>(), services.GetRequiredService<KeyStore>(), services.GetRequiredService<Storage.AuthDbContext>(),
            _time, new CommandAnswer(output, output));
        return (await command.RunAsync(["keys", .. arguments], TestContext.Current.CancellationToken), output.ToString());
    }

    private static (int ExitCode, bool SaidIt) Said((int ExitCode, string Output) command, string words) =>
        (command.ExitCode, command.Output.Contains(words, StringComparison.Ordinal));
}
