using System.Net;
using System.Text.Json.Nodes;
using McpAspire.McpServer.Tests.Stack;
using McpAspire.ServiceDefaults.Revocation;
using McpAspire.TestKit;

namespace McpAspire.McpServer.Tests.Revocation;

/// <summary>A server that can't hear of revocations says so, and does not guess.</summary>
public sealed class StaleMirrorTests
{
    private const string Stale = "Warning McpAspire.McpServer.Revocation.RevocationFeed: Revocations are not known";
    private const string Fresh = "Information McpAspire.McpServer.Revocation.RevocationFeed: Revocations are known";

    [Fact]
    public async Task Before_the_mark_was_ever_seen_good_tokens_get_503_and_bad_ones_401()
    {
        await using var host = new RevocationHost { StartsFresh = false };
        await host.InitializeAsync();
        await AssertUnknownAsync(host);
        Assert.Equal(HttpStatusCode.Unauthorized, await host.EchoAsync(host.Token(jwt => jwt.Payload["exp"] = 1)));
        using (var noToken = await host.SendAsync(McpRequests.Echo(token: null)))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, noToken.StatusCode);
        }

        await host.StoreAsync(host.Entry(RevokedKind.Grant, "ended").Member, host.Time.GetUtcNow().AddMinutes(5));
        await host.BecomesAsync(HttpStatusCode.Unauthorized, () => host.Token(jwt => jwt.Payload["grant_id"] = "ended"));
        await AssertUnknownAsync(host);

        await host.SetMarkAsync();
        await host.BecomesAsync(HttpStatusCode.OK, () => host.Token());
        Assert.Equal("Healthy", await HealthAsync(host));
    }

    [Fact]
    public async Task Without_the_mark_the_mirror_answers_for_15_seconds()
    {
        await using var host = await StartedAsync();
        await host.RemoveMarkAsync();
        host.Time.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal(HttpStatusCode.OK, await host.EchoAsync(host.Token()));
        await host.BecomesAsync(HttpStatusCode.ServiceUnavailable, () => host.Token());
        await AssertUnknownAsync(host);

        await host.SetMarkAsync();
        await host.BecomesAsync(HttpStatusCode.OK, () => host.Token());
        host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, host.CountLogs(Stale));
        Assert.InRange(host.CountLogs(Fresh), 1, 2);
    }

    [Fact]
    public async Task Redis_that_was_killed_and_comes_back_empty_is_not_believed_until_the_mark_is_there()
    {
        await using var host = await StartedAsync();
        string Ended() => host.Token(jwt => jwt.Payload["grant_id"] = "ended");
        await host.RevokeAsync(RevokedKind.Grant, "ended");
        await host.BecomesAsync(HttpStatusCode.Unauthorized, Ended);

        host.Redis.Stop();
        host.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(HttpStatusCode.OK, await host.EchoAsync(host.Token()));
        host.Time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await host.EchoAsync(host.Token()));
        Assert.Equal(HttpStatusCode.Unauthorized, await host.EchoAsync(Ended()));

        host.Redis.Start();
        await host.BecomesAsync(HttpStatusCode.ServiceUnavailable, () => host.Token());
        await host.SetMarkAsync();
        await host.BecomesAsync(HttpStatusCode.OK, () => host.Token());
        Assert.Equal(HttpStatusCode.Unauthorized, await host.EchoAsync(Ended()));

        // The channel is heard again too.
        await host.PublishAsync(host.Entry(RevokedKind.Grant, "later").Message);
        await host.BecomesAsync(HttpStatusCode.Unauthorized, () => host.Token(jwt => jwt.Payload["grant_id"] = "later"));
    }

    [Fact]
    public async Task Redis_that_is_away_at_the_start_does_not_keep_the_service_from_starting()
    {
        await using var host = new RevocationHost { StartsFresh = false };
        host.Redis.Stop();
        await host.InitializeAsync();
        await AssertUnknownAsync(host);
        host.Redis.Start();
        await host.SetMarkAsync();
        await host.BecomesAsync(HttpStatusCode.OK, () => host.Token());
    }

    [Fact]
    public async Task Redis_that_is_frozen_holds_up_neither_the_start_nor_a_call()
    {
        await using var host = new RevocationHost { StartsFresh = false };
        await host.SetMarkAsync();
        await using var relay = new FreezableRelay(host.Redis, frozen: true);
        host.ConnectionString = relay.ConnectionString;
        await host.InitializeAsync();
        await AssertUnknownAsync(host);

        relay.Thaw();
        await host.BecomesAsync(HttpStatusCode.OK, () => host.Token());

        relay.Freeze();
        host.Time.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal(HttpStatusCode.OK, await host.EchoAsync(host.Token()));
        host.Time.Advance(TimeSpan.FromSeconds(2));
        var before = TimeProvider.System.GetTimestamp();
        await AssertUnknownAsync(host);
        Assert.InRange(TimeProvider.System.GetElapsedTime(before), TimeSpan.Zero, TimeSpan.FromSeconds(2));

        relay.Thaw();
        await host.BecomesAsync(HttpStatusCode.OK, () => host.Token());
    }

    [Fact]
    public async Task A_setting_lets_tools_that_own_no_data_go_on()
    {
        await using var host = new RevocationHost { StartsFresh = false, OpenToolsGoOn = true };
        await host.InitializeAsync();
        Assert.Equal(HttpStatusCode.OK, await host.EchoAsync(host.Token()));
        using (var whoami = await host.SendAsync(McpRequests.Call("whoami", token: host.Token())))
        {
            Assert.Equal("7d1f", (string?)(await whoami.JsonAsync())["result"]?["structuredContent"]?["sub"]);
        }

        foreach (var method in (string[])["tools/list", "server/discover"])
        {
            using var response = await host.SendAsync(McpRequests.Message(method, token: host.Token()));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        // A tool that declares nothing counts as one that owns data; and what is no tool may show some.
        foreach (var request in (HttpRequestMessage[])
            [
                McpRequests.Call("pick", new JsonObject { ["count"] = 1 }, host.Token()),
                McpRequests.Call("no_such_tool", token: host.Token()),
                McpRequests.Message("resources/read", new JsonObject { ["uri"] = "notes://1" }, host.Token()),
            ])
        {
            using var response = await host.SendAsync(request);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
        }

        await host.PublishAsync(host.Entry(RevokedKind.Grant, "ended").Message);
        await host.BecomesAsync(HttpStatusCode.Unauthorized, () => host.Token(jwt => jwt.Payload["grant_id"] = "ended"));
    }

    [Fact]
    public async Task Without_a_channel_it_is_said_at_the_start_that_tokens_live_until_they_expire()
    {
        await using var host = new McpServerHost();
        await host.InitializeAsync();
        Assert.Single(host.Logs.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal)
            && line.Contains("access tokens live until they expire", StringComparison.Ordinal));
        using var response = await host.SendAsync(McpRequests.Echo(host.Token(jwt => jwt.Payload["grant_id"] = "any")));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<RevocationHost> StartedAsync()
    {
        var host = new RevocationHost();
        await host.InitializeAsync();
        return host;
    }

    private static async Task AssertUnknownAsync(RevocationHost host)
    {
        using var response = await host.SendAsync(McpRequests.Echo(host.Token()));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
        Assert.Empty(response.Headers.WwwAuthenticate);
        var error = await response.JsonAsync();
        Assert.Equal("temporarily_unavailable", (string?)error["error"]);
        Assert.Contains("Whether its authorization was ended is not known", (string?)error["error_description"], StringComparison.Ordinal);
        Assert.Equal("Degraded", await HealthAsync(host));
    }

    private static async Task<string> HealthAsync(RevocationHost host)
    {
        using var response = await host.Http.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
