using System.Net;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ClientWeb.Sessions.OpenPages;
using McpAspire.ClientWeb.Tests.Browsing;
using McpAspire.ClientWeb.Tests.Fakes;
using McpAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xunit;

namespace McpAspire.ClientWeb.Tests.SigningOut;

/// <summary>Open pages of a session learn that it has ended, on whatever replica their circuit is.</summary>
public sealed class OpenPagesTests : IAsyncLifetime
{
    private readonly World _world = new();
    private readonly LogoutSender _sender;

    public OpenPagesTests() => _sender = new LogoutSender(_world);

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        _sender.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_back_channel_logout_reaches_the_pages_of_both_replicas_within_two_seconds()
    {
        using var browser = await _world.SignInAsync();
        var key = _world.SessionKeyOf(browser);
        await using var replica = _world.StartReplica();
        var here = await OpenAsync(_world.ClientWeb, key);
        var there = await OpenAsync(replica, key);
        var another = await OpenAsync(replica, "the key of another session");

        Assert.Equal(HttpStatusCode.OK, (await _sender.PostAsync(_sender.Token())).Status);

        await Task.WhenAll(here.Task, there.Task).WaitAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.False(another.Task.IsCompleted);
    }

    [Fact]
    public async Task A_sign_out_reaches_the_other_tabs_and_leaves_its_own_alone()
    {
        using var browser = await _world.SignInAsync();
        var key = _world.SessionKeyOf(browser);
        var own = await OpenAsync(_world.ClientWeb, key, NameOf(browser));
        var other = await OpenAsync(_world.ClientWeb, key);

        await browser.SubmitAsync("/signout");

        await other.Task.WaitAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.False(own.Task.IsCompleted);
        Assert.Contains("You are signed out", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_in_again_in_a_browser_ends_its_session_before_and_tells_its_pages()
    {
        using var browser = await _world.SignInAsync();
        var open = await OpenAsync(_world.ClientWeb, _world.SessionKeyOf(browser));
        using var anonymous = new TestBrowser(_world.ClientWeb.Url);
        await anonymous.OpenAsync("/");
        anonymous.StopBefore = "/signin/callback";
        await anonymous.SubmitAsync("/signin");
        browser.Cookies[OwnCookies.SignIn] = anonymous.Cookies[OwnCookies.SignIn];

        await browser.OpenAsync(anonymous.StoppedBefore!.AbsoluteUri);

        await open.Task.WaitAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_grant_that_was_withdrawn_is_told_to_the_other_pages_of_the_session()
    {
        _world.AuthorizationServer.AccessTokenSeconds = 5;
        _world.AuthorizationServer.RefreshError = "invalid_grant";
        using var browser = await _world.SignInAsync();
        var key = _world.SessionKeyOf(browser);
        var open = await OpenAsync(_world.ClientWeb, key);

        await Assert.ThrowsAsync<SignedOutException>(() => _world.ClientWeb.Services.GetRequiredService<AccessTokens>()
            .GetAsync(key, TestContext.Current.CancellationToken));

        await open.Task.WaitAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_replica_that_started_without_Redis_listens_once_it_is_there()
    {
        _world.Redis.Stop();
        await using var replica = _world.StartReplica();
        _world.Redis.Start();
        var open = await OpenAsync(replica, "any key");

        await Eventually.BeTrueAsync(
            async () =>
            {
                try
                {
                    await replica.Services.GetRequiredService<SessionEndChannel>().TellAsync(SessionNames.HashOf("any key"));
                }
                catch (Exception exception) when (StoreOutage.IsCauseOf(exception))
                {
                    return false;
                }

                return open.Task.IsCompleted;
            },
            "the message arrives", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_page_of_a_session_that_ended_elsewhere_says_so_and_offers_to_sign_in()
    {
        using var browser = await _world.SignInAsync();
        await _sender.PostAsync(_sender.Token());

        await browser.OpenAsync("/signed-out?ended=elsewhere");

        Assert.Contains("ended elsewhere", browser.Document.QuerySelector("[data-testid=session-ended]")!.TextContent, StringComparison.Ordinal);
        Assert.Single(browser.Document.Forms, form => form.GetAttribute("action") == "/signin");
    }

    [Fact]
    public async Task Each_page_has_a_name_of_its_own()
    {
        using var browser = await _world.SignInAsync();
        var first = NameOf(browser);

        await browser.OpenAsync("/");

        Assert.Equal(43, first.Length);
        Assert.NotEqual(first, NameOf(browser));
    }

    private static string NameOf(TestBrowser browser) =>
        browser.Document.QuerySelector("form[action='/signout'] input[name=page]")!.GetAttribute("value")!;

    // What a circuit does when its page comes up.
    private static async Task<TaskCompletionSource> OpenAsync(ClientWebHost host, string sessionKey, string page = "another page")
    {
        var subscriber = host.Services.GetRequiredService<IConnectionMultiplexer>().GetSubscriber();
        await Eventually.BeTrueAsync(
            () => Task.FromResult(subscriber.SubscribedEndpoint(RedisChannel.Literal("clientweb:session-ended")) is not null),
            "the replica listens", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<OpenPageRegistry>().Add(SessionNames.HashOf(sessionKey), page, () => told.TrySetResult());
        return told;
    }
}
