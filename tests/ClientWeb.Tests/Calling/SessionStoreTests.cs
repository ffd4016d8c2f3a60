using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Connections.Discovery;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ClientWeb.Sessions.OpenPages;
using McpAspire.TestKit;
using Microsoft.AspNetCore.DataProtection;
using StackExchange.Redis;
using Xunit;

namespace McpAspire.ClientWeb.Tests.Calling;

/// <summary>What replicas that share a session rely on.</summary>
public sealed class SessionStoreTests : IAsyncLifetime
{
    // These tests are about rules, and a busy machine breaks none.
    private const string Patient = ",connectTimeout=30000,asyncTimeout=30000,syncTimeout=30000";

    private readonly RedisServer _redis = new();
    private readonly EphemeralDataProtectionProvider _protection = new();
    private ConnectionMultiplexer _connection = null!;
    private SessionStore _sessions = null!;

    public async ValueTask InitializeAsync()
    {
        _connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString + Patient);
        _sessions = Store(_connection);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task Tokens_are_replaced_while_another_replica_reads_the_session()
    {
        // A connection of its own: commands of one connection never come between those of a transaction.
        await using var connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString + Patient);
        var replica = Store(connection);
        var key = await _sessions.AddAsync(Session(), Tokens("0"));
        using var stopping = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stopping.IsCancellationRequested)
            {
                await replica.FindAsync(key);
            }
        })).ToArray();

        for (var i = 1; i <= 50; i++)
        {
            Assert.True(await _sessions.TryReplaceTokensAsync(key, (await _sessions.FindAsync(key))!, Tokens($"{i}")));
        }

        await stopping.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal("50", (await _sessions.FindAsync(key))!.Tokens.AccessToken);
    }

    [Fact]
    public async Task Tokens_that_were_replaced_meanwhile_are_left_alone()
    {
        var key = await _sessions.AddAsync(Session(), Tokens("0"));
        var read = (await _sessions.FindAsync(key))!;
        Assert.True(await _sessions.TryReplaceTokensAsync(key, read, Tokens("first")));

        Assert.False(await _sessions.TryReplaceTokensAsync(key, read, Tokens("second")));

        Assert.Equal("first", (await _sessions.FindAsync(key))!.Tokens.AccessToken);
    }

    [Fact]
    public async Task A_session_that_ended_meanwhile_does_not_come_back()
    {
        var key = await _sessions.AddAsync(Session(), Tokens("0"));
        var read = (await _sessions.FindAsync(key))!;
        await _sessions.EndAsync(key);

        Assert.False(await _sessions.TryReplaceTokensAsync(key, read, Tokens("1")));

        Assert.Null(await _sessions.FindAsync(key));
    }

    [Fact]
    public async Task A_session_whose_tokens_were_replaced_meanwhile_is_not_ended()
    {
        var key = await _sessions.AddAsync(Session(), Tokens("0"));
        var read = (await _sessions.FindAsync(key))!;
        Assert.True(await _sessions.TryReplaceTokensAsync(key, read, Tokens("first")));

        Assert.False(await _sessions.TryEndAsync(key, read));
        Assert.Equal("first", (await _sessions.FindAsync(key))!.Tokens.AccessToken);

        Assert.True(await _sessions.TryEndAsync(key, (await _sessions.FindAsync(key))!));
        Assert.Null(await _sessions.FindAsync(key));
    }

    [Fact]
    public async Task A_session_ends_twelve_hours_after_its_last_use()
    {
        var key = await _sessions.AddAsync(Session(), Tokens("0"));
        var record = Assert.Single(_connection.GetServers()[0].Keys(pattern: "clientweb:session:*"));
        await _connection.GetDatabase().KeyExpireAsync(record, TimeSpan.FromMinutes(1));

        await _sessions.FindAsync(key);

        var left = await _connection.GetDatabase().KeyTimeToLiveAsync(record);
        Assert.InRange(left!.Value, TimeSpan.FromHours(12) - TimeSpan.FromMinutes(1), TimeSpan.FromHours(12));
    }

    [Fact]
    public async Task A_record_that_was_put_under_another_name_opens_nothing()
    {
        var key = await _sessions.AddAsync(Session(), Tokens("0"));
        var other = await _sessions.AddAsync(Session(), Tokens("1"));
        var records = _connection.GetServers()[0].Keys(pattern: "clientweb:session:*").ToArray();
        var database = _connection.GetDatabase();
        var first = await database.HashGetAllAsync(records[0]);
        var second = await database.HashGetAllAsync(records[1]);
        await database.HashSetAsync(records[0], second);
        await database.HashSetAsync(records[1], first);

        Assert.Null(await _sessions.FindAsync(key));
        Assert.Null(await _sessions.FindAsync(other));
    }

    [Fact]
    public async Task The_right_to_renew_is_one_holders_until_it_gives_it_back()
    {
        var key = await _sessions.AddAsync(Session(), Tokens("0"));
        var held = await _sessions.TryLockRenewalAsync(key, TimeSpan.FromMinutes(1));
        Assert.NotNull(held);
        Assert.Null(await _sessions.TryLockRenewalAsync(key, TimeSpan.FromMinutes(1)));

        await held.DisposeAsync();

        await using var next = await _sessions.TryLockRenewalAsync(key, TimeSpan.FromMinutes(1));
        Assert.NotNull(next);
    }

    private SessionStore Store(ConnectionMultiplexer connection) =>
        new(connection, _protection, new SessionIndex(connection), new SessionEndChannel(connection));

    private static Session Session()
    {
        var url = new Uri("https://as.example/x");
        return new Session(
            new SignedInPerson("https://as.example", "person-1", "Alice Adams", "session-1", DateTimeOffset.UnixEpoch),
            new AuthorizationServerMetadata("https://as.example", url, url, url, null, null, true),
            "https://mcp.example/mcp");
    }

    private static TokenSet Tokens(string accessToken) => new(accessToken, DateTimeOffset.UnixEpoch, "refresh", "mcp:tools");
}
