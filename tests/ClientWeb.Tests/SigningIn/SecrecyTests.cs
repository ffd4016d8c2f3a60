using System.Text.Json.Nodes;
using McpAspire.ClientWeb.Tests.Browsing;
using McpAspire.ClientWeb.Tests.Fakes;
using ModelContextProtocol;
using StackExchange.Redis;
using Xunit;

namespace McpAspire.ClientWeb.Tests.SigningIn;

/// <summary>Tokens, codes, verifiers and assertions stay on the server, out of logs, pages, addresses and Redis.</summary>
public sealed class SecrecyTests : IAsyncLifetime
{
    private readonly World _world = new();

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_whole_journey_leaves_no_secret_behind()
    {
        _world.AuthorizationServer.AccessTokenSeconds = 5;
        using var browser = await _world.SignInAsync();
        var key = _world.SessionKeyOf(browser);
        var stored = await ReadRedisAsync();
        await using (var page = _world.ClientWeb.OpenPage(key))
        {
            await page.CallAsync(
                "secure_echo", new JsonObject { ["message"] = "x" }, new Progress<ProgressNotificationValue>(), TestContext.Current.CancellationToken);
        }

        await browser.OpenAsync("/");
        await browser.SubmitAsync("/signout");

        string[] secrets = [.. _world.AuthorizationServer.Secrets, key];
        Assert.True(secrets.Length >= 8, "The journey makes tokens, a code, a verifier and assertions.");
        AssertAbsent(secrets, _world.ClientWeb.Logs.Lines, "the log");
        AssertAbsent(secrets, browser.Seen, "a page");
        AssertAbsent(secrets, stored, "Redis");
    }

    [Fact]
    public async Task The_log_keeps_no_query_of_a_callback()
    {
        using var browser = new TestBrowser(_world.ClientWeb.Url);
        await browser.OpenAsync("/signin/callback?code=a-code-that-leaked&state=a-state-that-leaked");

        AssertAbsent(["a-code-that-leaked", "a-state-that-leaked"], _world.ClientWeb.Logs.Lines, "the log");
    }

    private static void AssertAbsent(IEnumerable<string> secrets, IEnumerable<string> lines, string where)
    {
        foreach (var line in lines)
        {
            Assert.All(secrets, secret => Assert.False(line.Contains(secret, StringComparison.Ordinal), $"A secret is in {where}: {line}"));
        }
    }

    private async Task<IReadOnlyList<string>> ReadRedisAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_world.Redis.ConnectionString + ",connectTimeout=30000,asyncTimeout=30000,syncTimeout=30000");
        var found = new List<string>();
        await foreach (var key in redis.GetServers()[0].KeysAsync())
        {
            found.Add(key.ToString());
            switch (await redis.GetDatabase().KeyTypeAsync(key))
            {
                case RedisType.Hash:
                    found.AddRange((await redis.GetDatabase().HashGetAllAsync(key)).Select(entry => entry.ToString()));
                    break;
                case RedisType.String:
                    found.Add((await redis.GetDatabase().StringGetAsync(key)).ToString());
                    break;
                case RedisType.List:
                    found.AddRange((await redis.GetDatabase().ListRangeAsync(key)).Select(entry => entry.ToString()));
                    break;
            }
        }

        Assert.Contains(found, text => text.StartsWith("clientweb:session:", StringComparison.Ordinal));
        Assert.All(found, text => Assert.DoesNotContain("Alice Adams", text, StringComparison.Ordinal));
        return found;
    }
}
