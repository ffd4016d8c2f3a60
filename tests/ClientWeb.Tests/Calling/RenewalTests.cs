using System.Text.Json.Nodes;
using McpAspire.ClientWeb.Mcp;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ClientWeb.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using StackExchange.Redis;
using Xunit;

namespace McpAspire.ClientWeb.Tests.Calling;

/// <summary>Access tokens are renewed unseen, once, and only for calls.</summary>
public sealed class RenewalTests : IAsyncLifetime
{
    private readonly World _world = new();

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_token_about_to_end_is_renewed_once_for_calls_in_parallel_over_two_replicas()
    {
        _world.AuthorizationServer.AccessTokenSeconds = 5;
        using var browser = await _world.SignInAsync();
        var key = _world.SessionKeyOf(browser);
        _world.AuthorizationServer.AccessTokenSeconds = 300;
        await using var replica = _world.StartReplica();

        var pages = Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? _world.ClientWeb : replica).OpenPage(key)).ToArray();
        await Task.WhenAll(pages.Select(page => EchoAsync(page)));

        Assert.Equal(1, _world.AuthorizationServer.Refreshes);
        await DisposeAllAsync(pages);
    }

    [Fact]
    public async Task A_token_that_the_server_refuses_is_replaced_once_for_calls_in_parallel()
    {
        using var browser = await _world.SignInAsync();
        var key = _world.SessionKeyOf(browser);
        _world.AuthorizationServer.ForgetAccessTokens();

        var pages = Enumerable.Range(0, 8).Select(_ => _world.ClientWeb.OpenPage(key)).ToArray();
        await Task.WhenAll(pages.Select(page => EchoAsync(page)));

        Assert.Equal(1, _world.AuthorizationServer.Refreshes);
        await DisposeAllAsync(pages);
    }

    [Fact]
    public async Task Reading_pages_renews_nothing()
    {
        _world.AuthorizationServer.AccessTokenSeconds = 5;
        using var browser = await _world.SignInAsync();

        await browser.OpenAsync("/");

        Assert.Equal(0, _world.AuthorizationServer.Refreshes);
    }

    [Fact]
    public async Task A_refresh_that_is_refused_ends_the_session_and_says_so()
    {
        _world.AuthorizationServer.AccessTokenSeconds = 5;
        _world.AuthorizationServer.RefreshError = "invalid_grant";
        using var browser = await _world.SignInAsync();
        await using var page = _world.ClientWeb.OpenPage(_world.SessionKeyOf(browser));

        await Assert.ThrowsAsync<SignedOutException>(() => EchoAsync(page));

        await browser.OpenAsync("/signed-out");
        Assert.Contains("You have been signed out", browser.Text, StringComparison.Ordinal);
        Assert.Contains("Sign in again", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync("/signin");
        Assert.Contains("Alice Adams", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refresh_that_is_refused_because_another_was_faster_goes_on_with_the_others_tokens()
    {
        _world.AuthorizationServer.AccessTokenSeconds = 5;
        using var browser = await _world.SignInAsync();
        var key = _world.SessionKeyOf(browser);
        var sessions = _world.ClientWeb.Services.GetRequiredService<SessionStore>();
        _world.AuthorizationServer.RefreshError = "invalid_grant";
        _world.AuthorizationServer.BeforeRefresh = async () =>
        {
            var read = (await sessions.FindAsync(key))!;
            var others = read.Tokens with { AccessToken = "the-others", ExpiresAt = DateTimeOffset.UtcNow.AddMinutes(5) };
            Assert.True(await sessions.TryReplaceTokensAsync(key, read, others));
        };

        var token = await _world.ClientWeb.Services.GetRequiredService<AccessTokens>().GetAsync(key, TestContext.Current.CancellationToken);

        Assert.Equal("the-others", token);
        Assert.Equal("the-others", (await sessions.FindAsync(key))!.Tokens.AccessToken);
    }

    [Fact]
    public async Task The_right_to_renew_outlasts_the_longest_request()
    {
        _world.AuthorizationServer.AccessTokenSeconds = 5;
        using var browser = await _world.SignInAsync();
        var redis = _world.ClientWeb.Services.GetRequiredService<IConnectionMultiplexer>();
        TimeSpan? left = null;
        _world.AuthorizationServer.BeforeRefresh = async () =>
        {
            var name = Assert.Single(redis.GetServers()[0].Keys(pattern: "clientweb:session:*:renewal"));
            left = await redis.GetDatabase().KeyTimeToLiveAsync(name);
        };

        await _world.ClientWeb.Services.GetRequiredService<AccessTokens>().GetAsync(_world.SessionKeyOf(browser), TestContext.Current.CancellationToken);

        // What the host of the tests sets as Outbound:Timeout.
        Assert.InRange(left!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(36));
    }

    [Fact]
    public async Task A_refresh_that_finds_nobody_ends_nothing()
    {
        _world.AuthorizationServer.AccessTokenSeconds = 5;
        _world.AuthorizationServer.IsTokenEndpointDown = false;
        using var browser = await _world.SignInAsync();
        await using var page = _world.ClientWeb.OpenPage(_world.SessionKeyOf(browser));

        _world.AuthorizationServer.IsTokenEndpointDown = true;
        var failure = (await Assert.ThrowsAsync<CallFailedException>(() => EchoAsync(page))).Failure;
        Assert.Equal("Your sign-in could not be renewed", failure.Title);

        _world.AuthorizationServer.IsTokenEndpointDown = false;
        await EchoAsync(page);
    }

    [Fact]
    public async Task A_caller_that_cancels_does_not_lose_the_renewed_tokens()
    {
        _world.AuthorizationServer.AccessTokenSeconds = 5;
        using var browser = await _world.SignInAsync();
        var key = _world.SessionKeyOf(browser);
        var tokens = _world.ClientWeb.Services.GetRequiredService<AccessTokens>();
        using var cancelling = new CancellationTokenSource();
        _world.AuthorizationServer.BeforeRefresh = cancelling.CancelAsync;

        await tokens.GetAsync(key, cancelling.Token);

        _world.AuthorizationServer.AccessTokenSeconds = 300;
        Assert.True(_world.AuthorizationServer.Accepts(await tokens.GetAsync(key, TestContext.Current.CancellationToken)));
    }

    private static Task<CallToolResult> EchoAsync(HomeTools page) => page.CallAsync(
        "secure_echo", new JsonObject { ["message"] = "x" }, new Progress<ProgressNotificationValue>(), TestContext.Current.CancellationToken);

    private static async Task DisposeAllAsync(HomeTools[] pages)
    {
        foreach (var page in pages)
        {
            await page.DisposeAsync();
        }
    }
}
