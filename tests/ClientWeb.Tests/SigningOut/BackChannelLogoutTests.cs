using System.Net;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ClientWeb.Tests.Browsing;
using McpAspire.ClientWeb.Tests.Fakes;
using McpAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xunit;

namespace McpAspire.ClientWeb.Tests.SigningOut;

/// <summary>What a good logout token ends, and what races with it.</summary>
public sealed class BackChannelLogoutTests : IAsyncLifetime
{
    private readonly World _world = new();
    private readonly LogoutSender _sender;

    public BackChannelLogoutTests() => _sender = new LogoutSender(_world);

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        _sender.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_logout_by_sid_ends_the_sessions_of_that_sid_with_their_tokens()
    {
        using var first = await SignInAsync("person-1", "session-1");
        using var second = await SignInAsync("person-1", "session-1");
        using var other = await SignInAsync("person-1", "session-2");

        await TakenAsync(_sender.TokenOfSession());

        Assert.False(await IsSignedInAsync(first));
        Assert.False(await IsSignedInAsync(second));
        Assert.True(await IsSignedInAsync(other));
        Assert.Single(Records());
        Assert.Null(_world.AuthorizationServer.LastRevocation);
        Assert.Contains(_world.ClientWeb.Logs.Lines, line => line.Contains("over the back channel: 2 sessions ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_logout_by_sub_ends_all_sessions_of_the_person()
    {
        using var first = await SignInAsync("person-1", "session-1");
        using var second = await SignInAsync("person-1", "session-2");
        using var third = await SignInAsync("person-1", null);
        using var other = await SignInAsync("person-2", "session-3");

        await TakenAsync(_sender.TokenOfSubject());

        Assert.False(await IsSignedInAsync(first));
        Assert.False(await IsSignedInAsync(second));
        Assert.False(await IsSignedInAsync(third));
        Assert.True(await IsSignedInAsync(other));
    }

    [Fact]
    public async Task A_logout_by_both_ends_only_what_fits_both()
    {
        using var fits = await SignInAsync("person-1", "session-1");
        using var otherSession = await SignInAsync("person-1", "session-2");
        using var otherPerson = await SignInAsync("person-2", "session-1");

        await TakenAsync(_sender.Token());

        Assert.False(await IsSignedInAsync(fits));
        Assert.True(await IsSignedInAsync(otherSession));
        Assert.True(await IsSignedInAsync(otherPerson));
    }

    [Fact]
    public async Task A_logout_of_a_session_that_is_not_known_is_taken()
    {
        using var browser = await _world.SignInAsync();

        await TakenAsync(_sender.TokenOfSession("never-seen"));

        Assert.True(await IsSignedInAsync(browser));
    }

    [Fact]
    public async Task A_logout_is_taken_while_the_mcp_server_is_away()
    {
        await TakenAsync(_sender.TokenOfSession("another"));
        using var browser = await _world.SignInAsync();
        await _world.McpServer.StopAsync();

        await TakenAsync(_sender.Token());

        Assert.False(await IsSignedInAsync(browser));
    }

    [Fact]
    public async Task A_refresh_under_way_does_not_bring_the_session_back()
    {
        _world.AuthorizationServer.AccessTokenSeconds = 5;
        using var browser = await _world.SignInAsync();
        _world.AuthorizationServer.BeforeRefresh = () => TakenAsync(_sender.Token());

        await Assert.ThrowsAsync<SignedOutException>(() => _world.ClientWeb.Services.GetRequiredService<AccessTokens>()
            .GetAsync(_world.SessionKeyOf(browser), TestContext.Current.CancellationToken));

        Assert.Equal(1, _world.AuthorizationServer.Refreshes);
        Assert.Empty(Records());
        Assert.False(await IsSignedInAsync(browser));
    }

    [Fact]
    public async Task A_sign_in_that_finishes_after_the_logout_of_its_sid_makes_no_session()
    {
        using var browser = await BeginSignInAsync();
        await TakenAsync(_sender.Token());

        await FinishSignInAsync(browser);

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("ended this sign-in before it was finished here", browser.Text, StringComparison.Ordinal);
        Assert.Empty(Records());
        // Nobody uses the grant.
        Assert.NotNull(_world.AuthorizationServer.LastRevocation);

        using var again = await SignInAsync("person-1", "session-2");
        Assert.True(await IsSignedInAsync(again));
    }

    [Fact]
    public async Task A_sign_in_that_finishes_after_the_logout_of_its_person_makes_no_session()
    {
        using var browser = await BeginSignInAsync();
        await TakenAsync(_sender.TokenOfSubject());
        // The code's redemption comes after, but the issuer's clock decides.
        _world.AuthorizationServer.ChangeIdToken = claims => claims["iat"] = DateTimeOffset.UtcNow.AddSeconds(-10).ToUnixTimeSeconds();

        await FinishSignInAsync(browser);

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Empty(Records());

        _world.AuthorizationServer.ChangeIdToken = claims => claims["iat"] = DateTimeOffset.UtcNow.AddSeconds(10).ToUnixTimeSeconds();
        using var again = await _world.SignInAsync();
    }

    [Fact]
    public async Task The_end_of_a_sid_is_remembered_for_five_minutes()
    {
        await TakenAsync(_sender.Token());

        var mark = Assert.Single(Keys("clientweb:ended-sid:*"));
        Assert.InRange((await Database.KeyTimeToLiveAsync(mark))!.Value, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_token_is_remembered_as_long_as_it_could_be_used()
    {
        await TakenAsync(_sender.Token());

        var used = Assert.Single(Keys("clientweb:logout-token:*"));
        Assert.InRange((await Database.KeyTimeToLiveAsync(used))!.Value, TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(151));
    }

    [Fact]
    public async Task With_the_store_away_the_sender_is_asked_to_try_again_and_the_token_is_not_used_up()
    {
        using var browser = await _world.SignInAsync();
        await using var relay = new FreezableRelay(_world.Redis);
        var port = FreePort.Next();
        await using var replica = _world.StartReplica(relay.ConnectionString, port);
        var token = _sender.Token();
        // Its keys are known, its Redis has answered.
        Assert.Equal(HttpStatusCode.OK, (await _sender.PostAsync(_sender.TokenOfSession("another"), port)).Status);

        relay.Freeze();
        var answer = await _sender.PostAsync(token, port);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (answer.Status, answer.Error));
        Assert.True(await IsSignedInAsync(browser));

        relay.Thaw();
        await Eventually.BeTrueAsync(
            async () => (await _sender.PostAsync(token, port)).Status == HttpStatusCode.OK,
            "the token is taken", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.False(await IsSignedInAsync(browser));
    }

    [Fact]
    public async Task The_client_document_asks_for_logouts_that_name_the_session()
    {
        using var http = new HttpClient();
        var document = System.Text.Json.Nodes.JsonNode.Parse(
            await http.GetStringAsync(_world.ClientWeb.Url + "/oauth/client-metadata.json", TestContext.Current.CancellationToken))!;

        Assert.Equal(_world.ClientWeb.Url + "/signout/backchannel", document["backchannel_logout_uri"]!.GetValue<string>());
        Assert.True(document["backchannel_logout_session_required"]!.GetValue<bool>());
    }

    private IDatabase Database => _world.ClientWeb.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

    private IEnumerable<RedisKey> Records() => Keys("clientweb:session:*").Where(name => !name.ToString().EndsWith(":renewal", StringComparison.Ordinal));

    private RedisKey[] Keys(string pattern) => [.. Database.Multiplexer.GetServers()[0].Keys(pattern: pattern)];

    private async Task<TestBrowser> SignInAsync(string subject, string? sessionId)
    {
        _world.AuthorizationServer.ChangeIdToken = claims =>
        {
            claims["sub"] = subject;
            claims.Remove("sid");
            if (sessionId is not null)
            {
                claims["sid"] = sessionId;
            }
        };
        return await _world.SignInAsync();
    }

    private async Task<TestBrowser> BeginSignInAsync()
    {
        var browser = new TestBrowser(_world.ClientWeb.Url) { StopBefore = "/signin/callback" };
        await browser.OpenAsync("/");
        await browser.SubmitAsync("/signin");
        return browser;
    }

    private static Task FinishSignInAsync(TestBrowser browser)
    {
        browser.StopBefore = null;
        return browser.OpenAsync(browser.StoppedBefore!.AbsoluteUri);
    }

    private static async Task<bool> IsSignedInAsync(TestBrowser browser)
    {
        await browser.OpenAsync("/");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        return browser.Text.Contains("Alice Adams", StringComparison.Ordinal);
    }

    private async Task TakenAsync(string token)
    {
        var answer = await _sender.PostAsync(token);
        Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Status}: {answer.Description}");
        Assert.True(answer.IsNotStored);
    }
}
