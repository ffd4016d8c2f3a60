using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests;

/// <summary>How resource servers learn of what ended, whatever happens to Redis and to processes.</summary>
public sealed class RevocationTests : IAsyncLifetime
{
    private const string Impatient = ",connectTimeout=500,syncTimeout=1000,asyncTimeout=1000";

    private readonly RedisServer _redis = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("authserver-tests-").FullName;
    private TestClient _client = null!;
    private RunningAuthServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _client = await TestClient.StartAsync();
        _server = await RunningAuthServer.StartAsync(_redis.ConnectionString + Impatient, folder: _folder);
    }

    [Fact]
    public async Task The_mark_is_set_at_start_and_an_entry_lives_as_long_as_a_token_of_its_time_can()
    {
        await using var redis = await RevocationsInRedis.ReadAsync(_redis);
        await CompleteAsync(redis);
        var tokens = await new Flow(_server, _client).TokensAsync();
        var grant = tokens.Access.GetClaim("grant_id").Value;
        var ended = _server.Time.GetUtcNow();
        await EndGrantAsync(_server, grant);
        await redis.ToldAsync([], $"grant:{grant}");
        // 5 minutes, twice the skew of 30 seconds, and a minute.
        Assert.InRange(await redis.ExpiryAsync($"grant:{grant}"), ended + TimeSpan.FromMinutes(7) - TimeSpan.FromSeconds(1), ended + TimeSpan.FromMinutes(7));
    }

    [Fact]
    public async Task A_redis_that_lost_its_data_gets_all_entries_that_still_matter_and_then_the_mark()
    {
        await using var redis = await RevocationsInRedis.ReadAsync(_redis);
        var old = await EndedGrantAsync();
        await redis.ToldAsync([], $"grant:{old}");
        _server.Time.Advance(TimeSpan.FromMinutes(8));
        await EmptyAsync(redis);
        var living = await EndedGrantAsync();
        await redis.ToldAsync([], $"grant:{living}");

        await redis.FlushAsync();
        await CompleteAsync(redis);
        Assert.Equal([$"grant:{living}"], await redis.MembersAsync());
    }

    [Fact]
    public async Task What_ends_while_redis_is_away_is_told_when_it_is_back_and_one_warning_says_so()
    {
        var grant = (await new Flow(_server, _client).TokensAsync()).Access.GetClaim("grant_id").Value;
        await using (var before = await RevocationsInRedis.ReadAsync(_redis))
        {
            await CompleteAsync(before);
        }

        _redis.Stop();
        await EndGrantAsync(_server, grant);
        using (var scope = _server.Scope())
        {
            var row = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Grants.SingleAsync(row => row.Id == grant, TestContext.Current.CancellationToken);
            Assert.Equal(EndReason.Revoked, row.EndReason);
        }

        await Eventually.BeTrueAsync(() => Task.FromResult(Warnings() == 1), "one warning", cancellationToken: TestContext.Current.CancellationToken);
        // Another act, another try; it has nothing new to say.
        await EndGrantAsync(_server, grant);
        _redis.Start();
        await using var redis = await RevocationsInRedis.ReadAsync(_redis);
        await CompleteAsync(redis);
        Assert.Equal([$"grant:{grant}"], await redis.MembersAsync());
        Assert.Equal(1, Warnings());
        await Eventually.BeTrueAsync(async () => await UntoldAsync() == 0, "it is known as told", cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_a_process_committed_and_did_not_live_to_tell_is_told_by_another()
    {
        await using var redis = await RevocationsInRedis.ReadAsync(_redis);
        await CompleteAsync(redis);
        var grant = (await new Flow(_server, _client).TokensAsync()).Access.GetClaim("grant_id").Value;
        // The process dies right after the commit: nobody of it tells.
        await using var dying = new DyingProcess(_server);
        await dying.Acts.EndGrantAsync(grant, EndReason.Revoked, TestContext.Current.CancellationToken);
        await redis.ToldAsync([], $"grant:{grant}");
        await Eventually.BeTrueAsync(async () => await UntoldAsync() == 0, "it is known as told", cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Two_processes_tell_together_what_either_ended()
    {
        await using var second = await RunningAuthServer.StartAsync(_redis.ConnectionString, _server.Port, FreePort.Next(), _folder, _server.Time);
        await using var redis = await RevocationsInRedis.ReadAsync(_redis);
        await CompleteAsync(redis);
        var flow = new Flow(_server, _client);
        var one = (await flow.TokensAsync(flow.Request("mcp:tools"))).Access.GetClaim("grant_id").Value;
        var other = (await flow.TokensAsync(flow.Request("mcp:tools offline_access"))).Access.GetClaim("grant_id").Value;
        await Task.WhenAll(EndGrantAsync(_server, one), EndGrantAsync(second, other));
        await redis.ToldAsync([], $"grant:{one}", $"grant:{other}");
        await redis.FlushAsync();
        await CompleteAsync(redis);
        Assert.Equal(new[] { $"grant:{one}", $"grant:{other}" }.Order(StringComparer.Ordinal), (await redis.MembersAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Expired_entries_leave_the_set_and_the_database()
    {
        await using var redis = await RevocationsInRedis.ReadAsync(_redis);
        await CompleteAsync(redis);
        var grant = await EndedGrantAsync();
        await redis.ToldAsync([], $"grant:{grant}");
        _server.Time.Advance(TimeSpan.FromMinutes(10));
        await EmptyAsync(redis);
        using var scope = _server.Scope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        await Pruning.PruneAsync(database, _server.Time.GetUtcNow(), TestContext.Current.CancellationToken);
        Assert.False(await database.Revocations.AnyAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _client.DisposeAsync();
        _redis.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private static Task CompleteAsync(RevocationsInRedis redis) =>
        Eventually.BeTrueAsync(redis.IsCompleteAsync, "the set is complete", cancellationToken: TestContext.Current.CancellationToken);

    private static Task EmptyAsync(RevocationsInRedis redis) => Eventually.BeTrueAsync(
        async () => (await redis.MembersAsync()).Length == 0, "the expired ones left the set", cancellationToken: TestContext.Current.CancellationToken);

    private static async Task EndGrantAsync(RunningAuthServer server, string grant)
    {
        using var scope = server.Scope();
        await scope.ServiceProvider.GetRequiredService<EndingActs>().EndGrantAsync(grant, EndReason.Revoked, TestContext.Current.CancellationToken);
    }

    private async Task<string> EndedGrantAsync()
    {
        var grant = (await new Flow(_server, _client).TokensAsync()).Access.GetClaim("grant_id").Value;
        await EndGrantAsync(_server, grant);
        return grant;
    }

    private async Task<int> UntoldAsync()
    {
        using var scope = _server.Scope();
        return await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Revocations.CountAsync(entry => entry.ToldAt == null, TestContext.Current.CancellationToken);
    }

    private int Warnings() => _server.Logs.Lines.Count(line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("can't be told"));
}
