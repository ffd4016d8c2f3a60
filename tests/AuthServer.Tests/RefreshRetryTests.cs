using System.Diagnostics;
using System.Net;
using System.Text;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.AuthServer.Tokens.Retrying;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Tests;

/// <summary>A refresh token used again within 10 seconds: the same answer, or nothing.</summary>
public sealed class RefreshRetryTests(Surroundings stack) : IClassFixture<Surroundings>
{
    [Fact]
    public async Task Parallel_refreshes_over_two_processes_redeem_once_and_all_get_the_same_answer()
    {
        await using var second = await RunningAuthServer.StartAsync(
            stack.Redis.ConnectionString, stack.Server.Port, FreePort.Next(), stack.Server.Folder, stack.Server.Time);
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync(flow.Request("openid mcp:tools"));
        HttpClient[] processes = [stack.Server.Client, second.Client];
        for (var round = 0; round < 3; round++)
        {
            var before = await TokenRowsAsync();
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(number =>
                flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken), processes[number % 2])));
            Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, null), (answer.Status, answer.Error)));
            Assert.Single(answers.Select(answer => answer.Json.GetRawText()).Distinct());
            Assert.Equal(before + 1, await TokenRowsAsync());
            tokens = answers[0];
        }
    }

    [Fact]
    public async Task A_client_that_lost_the_answer_gets_it_again_for_10_seconds_and_after_them_a_replay_ends_the_grant()
    {
        var flow = stack.Flow();
        var first = await flow.TokensAsync();
        var second = await flow.TokenAsync(Flow.RefreshRequest(first.RefreshToken));

        stack.Server.Time.Advance(TimeSpan.FromSeconds(9));
        var again = await flow.TokenAsync(Flow.RefreshRequest(first.RefreshToken));
        Assert.Equal(second.Json.GetRawText(), again.Json.GetRawText());
        Assert.Equal("no-store", again.Response.Headers.CacheControl?.ToString());
        Assert.Equal("application/json", again.Response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(stack.Server.Logs.Lines, line => line.Contains("The same answer given again to a refresh"));
        var third = await flow.TokenAsync(Flow.RefreshRequest(again.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, third.Status);

        stack.Server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(first.RefreshToken))).Error);
        Assert.Contains(stack.Server.Logs.Lines, line => line.Contains("Replay of a refresh token") && line.Contains("ends it: True"));
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(third.RefreshToken))).Error);
    }

    [Theory]
    [InlineData("mcp:tools", null)]
    [InlineData(null, "mcp:tools")]
    public async Task Who_asks_for_another_scope_than_the_first_time_is_refused_and_ends_nothing(string? once, string? again)
    {
        var flow = stack.Flow();
        var first = Flow.RefreshRequest((await flow.TokensAsync(flow.Request("mcp:tools openid"))).RefreshToken);
        first["scope"] = once;
        var second = await flow.TokenAsync(first);
        first["scope"] = again;
        Assert.Equal("invalid_grant", (await flow.TokenAsync(first)).Error);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(second.RefreshToken))).Status);
    }

    [Fact]
    public async Task The_same_scope_in_other_words_and_the_named_resource_are_the_same_request()
    {
        var flow = stack.Flow();
        var request = Flow.RefreshRequest((await flow.TokensAsync(flow.Request("mcp:tools notes:write"))).RefreshToken);
        var second = await flow.TokenAsync(request);
        request["scope"] = "notes:write mcp:tools";
        request["resource"] = RunningAuthServer.Resource;
        Assert.Equal(second.AccessToken, (await flow.TokenAsync(request)).AccessToken);
        request["resource"] = "http://localhost:5200/other";
        Assert.Equal("invalid_target", (await flow.TokenAsync(request)).Error);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(second.RefreshToken))).Status);
    }

    [Fact]
    public async Task Another_client_gets_nothing_of_it_and_ends_nothing()
    {
        await using var other = await TestClient.StartAsync();
        var flow = stack.Flow();
        var first = await flow.TokensAsync();
        var second = await flow.TokenAsync(Flow.RefreshRequest(first.RefreshToken));
        var refused = await new Flow(stack.Server, other).TokenAsync(Flow.RefreshRequest(first.RefreshToken));
        Assert.Equal("invalid_grant", refused.Error);
        Assert.Null(refused.AccessToken);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(second.RefreshToken))).Status);
    }

    [Fact]
    public async Task A_public_client_is_known_by_its_id()
    {
        await using var client = await TestClient.StartAsync();
        client.Document["token_endpoint_auth_method"] = "none";
        client.Document.Remove("jwks");
        var flow = new Flow(stack.Server, client);
        var code = flow.CodeRequest(await flow.CodeAsync());
        Answer? first = null, second = null, again = null;
        foreach (var keep in new Action<Answer>[] { answer => first = answer, answer => second = answer, answer => again = answer })
        {
            var request = first is null ? code : Flow.RefreshRequest(first.RefreshToken);
            request["client_assertion"] = request["client_assertion_type"] = null;
            keep(await flow.TokenAsync(request));
        }

        Assert.NotNull(second!.RefreshToken);
        Assert.Equal(second.Json.GetRawText(), again!.Json.GetRawText());
    }

    [Fact]
    public async Task An_answer_whose_grant_has_ended_is_not_given_again()
    {
        var flow = stack.Flow();
        var first = await flow.TokensAsync();
        var second = await flow.TokenAsync(Flow.RefreshRequest(first.RefreshToken));
        await flow.PostAsync("/connect/revoke", new() { ["token"] = second.RefreshToken });
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(first.RefreshToken))).Error);
    }

    [Fact]
    public async Task Who_loses_the_race_waits_up_to_2_seconds_for_the_answer_and_else_ends_nothing()
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync(flow.Request("mcp:tools"));
        await RedeemElsewhereAsync();
        var watch = Stopwatch.StartNew();
        var refused = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        Assert.Equal("invalid_grant", refused.Error);
        Assert.InRange(watch.Elapsed, RefreshAnswers.Patience, TimeSpan.FromSeconds(10));
        Assert.Contains(stack.Server.Logs.Lines, line => line.Contains("Replay of a refresh token") && line.Contains("ends it: False"));

        var waiting = flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        using var scope = stack.Server.Scope();
        await scope.ServiceProvider.GetRequiredService<RefreshAnswers>().KeepAsync(
            tokens.RefreshToken, new RefreshAnswer(stack.Client.Id, "mcp:tools", new OpenIddictResponse { AccessToken = "the other one's" }));
        Assert.Equal("the other one's", (await waiting).AccessToken);
    }

    [Fact]
    public async Task Nothing_in_Redis_shows_a_token_and_the_answer_goes_by_itself()
    {
        var flow = stack.Flow();
        var first = await flow.TokensAsync();
        var second = await flow.TokenAsync(Flow.RefreshRequest(first.RefreshToken));
        await using var redis = await ConnectionMultiplexer.ConnectAsync(stack.Redis.ConnectionString + ",allowAdmin=true");
        var found = false;
        foreach (var key in redis.GetServers()[0].Keys(pattern: "authserver:refresh-answer:*"))
        {
            found = true;
            var value = Encoding.Latin1.GetString((byte[])(await redis.GetDatabase().StringGetAsync(key))!);
            foreach (var secret in new[] { first.RefreshToken, second.RefreshToken, second.AccessToken, second.Text("id_token")! })
            {
                Assert.DoesNotContain(secret, $"{value} {key}", StringComparison.Ordinal);
                Assert.DoesNotContain(secret.Split('.')[^1], $"{value} {key}", StringComparison.Ordinal);
            }

            Assert.DoesNotContain("access_token", value, StringComparison.Ordinal);
            Assert.InRange(await redis.GetDatabase().KeyTimeToLiveAsync(key) ?? TimeSpan.MaxValue, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        }

        Assert.True(found);
    }

    [Fact]
    public async Task An_answer_that_Redis_can_not_keep_is_lost_to_a_retry_only()
    {
        using var redis = new RedisServer();
        await using var server = await RunningAuthServer.StartAsync(redis.ConnectionString + ",connectTimeout=500,syncTimeout=1000,asyncTimeout=1000");
        redis.Stop();
        using var scope = server.Scope();
        await scope.ServiceProvider.GetRequiredService<RefreshAnswers>().KeepAsync("token", new RefreshAnswer("client", "mcp:tools", new OpenIddictResponse()));
        Assert.Contains(server.Logs.Lines, line => line.Contains("can't be given again"));
    }

    /// <summary>As another process does that commits and dies before it keeps the answer.</summary>
    private async Task RedeemElsewhereAsync()
    {
        using var scope = stack.Server.Scope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var now = stack.Server.Time.GetUtcNow().UtcDateTime;
        await database.Tokens.Where(token => token.Status == OpenIddictConstants.Statuses.Valid && token.Type == OpenIddictConstants.TokenTypeIdentifiers.RefreshToken)
            .ExecuteUpdateAsync(
                row => row.SetProperty(token => token.Status, OpenIddictConstants.Statuses.Redeemed).SetProperty(token => token.RedemptionDate, now),
                TestContext.Current.CancellationToken);
    }

    private async Task<int> TokenRowsAsync()
    {
        using var scope = stack.Server.Scope();
        return await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Tokens
            .CountAsync(token => token.Type == OpenIddictConstants.TokenTypeIdentifiers.RefreshToken, TestContext.Current.CancellationToken);
    }
}
