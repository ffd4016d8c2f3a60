using System.Net;
using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Connections.Discovery;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ClientWeb.Tests.Browsing;
using McpAspire.ClientWeb.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace McpAspire.ClientWeb.Tests.SigningIn;

/// <summary>What people who are not signed in can make us keep, and make us ask.</summary>
public sealed class AnonymousRequestsTests : IAsyncLifetime
{
    private readonly World _world = new();
    private readonly FakeTimeProvider _time = new();
    private int _asked;

    public async ValueTask InitializeAsync()
    {
        await _world.InitializeAsync();
        _world.McpServer.ChangeMetadata = _ => Interlocked.Increment(ref _asked);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Sign_ins_are_limited_for_each_address()
    {
        await using var host = new ClientWebHost(_world.McpServer.Url, _world.Redis.ConnectionString).Started(("SignInsPerMinute", "2"));
        using var browser = new TestBrowser(host.Url);
        for (var i = 0; i < 2; i++)
        {
            await PostAsync(host.Url, HttpStatusCode.BadRequest);
        }

        using var refused = await PostAsync(host.Url, HttpStatusCode.TooManyRequests);

        var wait = refused.Headers.RetryAfter!.Delta!.Value;
        Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        var page = await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"Wait {wait.TotalSeconds:0} seconds, then try again.", page, StringComparison.Ordinal);
        await browser.OpenAsync("/");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public void Addresses_of_one_network_count_together(string first, string second, bool together) =>
        Assert.Equal(together, SignInLimit.NetworkOf(IPAddress.Parse(first)) == SignInLimit.NetworkOf(IPAddress.Parse(second)));

    [Fact]
    public async Task Many_visitors_make_us_ask_once()
    {
        var place = Place();

        var servers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => place.FindAsync(TestContext.Current.CancellationToken)));

        Assert.Equal(_world.AuthorizationServer.Issuer, Assert.Single(servers.Distinct()).Issuer);
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_visitor_who_leaves_does_not_end_the_wait_of_the_others()
    {
        var place = Place();
        using var leaving = new CancellationTokenSource();
        var first = place.FindAsync(leaving.Token);
        var second = place.FindAsync(TestContext.Current.CancellationToken);

        await leaving.CancelAsync();

        await second;
        Assert.Equal(1, _asked);
        // It may have been answered before it left: either is well.
        await Task.WhenAny(first);
    }

    [Fact]
    public async Task A_failure_is_remembered_for_five_seconds_and_no_longer()
    {
        var place = Place();
        _world.AuthorizationServer.ChangeMetadata = metadata => metadata.Remove("code_challenge_methods_supported");
        await FailsAsync(place);
        _world.AuthorizationServer.ChangeMetadata = _ => { };

        _time.Advance(TimeSpan.FromSeconds(4.9));
        await FailsAsync(place);
        Assert.Equal(1, _asked);

        _time.Advance(TimeSpan.FromSeconds(0.2));
        await place.FindAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, _asked);
    }

    private SignInPlace Place() => new(_world.ClientWeb.Services.GetRequiredService<HomeDiscovery>(), _time);

    private static Task<ConnectionException> FailsAsync(SignInPlace place) =>
        Assert.ThrowsAsync<ConnectionException>(() => place.FindAsync(TestContext.Current.CancellationToken));

    private static async Task<HttpResponseMessage> PostAsync(string url, HttpStatusCode expected)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, url + "/signin") { Content = new FormUrlEncodedContent([]) };
        request.Headers.Add("Origin", url);
        var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(expected, response.StatusCode);
        return response;
    }
}
