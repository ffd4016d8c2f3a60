using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ClientWeb.Tests.Browsing;
using McpAspire.ClientWeb.Tests.Fakes;
using McpAspire.TestKit;
using Xunit;

namespace McpAspire.ClientWeb.Tests.SigningIn;

/// <summary>Who ClientWeb is to others, and whom it lets near.</summary>
public sealed class IdentityTests : IAsyncLifetime
{
    private readonly World _world = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task The_client_document_names_itself_and_fits_what_servers_take()
    {
        var text = await _http.GetStringAsync(_world.ClientWeb.Url + "/oauth/client-metadata.json", Cancellation);
        var document = JsonNode.Parse(text)!;

        Assert.True(text.Length < 5 * 1024);
        Assert.Equal(_world.ClientWeb.Url + "/oauth/client-metadata.json", document["client_id"]!.GetValue<string>());
        Assert.Equal([_world.ClientWeb.Url + "/signin/callback"], document["redirect_uris"]!.AsArray().Select(uri => uri!.GetValue<string>()));
        Assert.Equal("private_key_jwt", document["token_endpoint_auth_method"]!.GetValue<string>());
        Assert.Null(document["client_secret"]);
    }

    [Fact]
    public async Task The_key_set_shows_one_public_key_that_replicas_and_restarts_share()
    {
        var keys = await _http.GetStringAsync(_world.ClientWeb.Url + "/oauth/jwks.json", Cancellation);
        var key = Assert.Single(JsonNode.Parse(keys)!["keys"]!.AsArray())!.AsObject();
        Assert.Equal(["alg", "crv", "kid", "kty", "use", "x", "y"], key.Select(member => member.Key).Order());

        await _world.RestartClientWebAsync();

        Assert.Equal(keys, await _http.GetStringAsync(_world.ClientWeb.Url + "/oauth/jwks.json", Cancellation));
    }

    [Fact]
    public async Task A_foreign_host_is_refused_and_forwarded_headers_change_nothing()
    {
        using var foreign = new HttpRequestMessage(HttpMethod.Get, _world.ClientWeb.Url + "/oauth/client-metadata.json");
        foreign.Headers.Host = "evil.example";
        using var refused = await _http.SendAsync(foreign, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        using var forwarded = new HttpRequestMessage(HttpMethod.Get, _world.ClientWeb.Url + "/oauth/client-metadata.json");
        forwarded.Headers.Add("X-Forwarded-Host", "evil.example");
        forwarded.Headers.Add("X-Forwarded-Proto", "https");
        using var answered = await _http.SendAsync(forwarded, Cancellation);
        Assert.DoesNotContain("evil.example", await answered.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("http://localhost:1", false)]
    [InlineData(null, true)]
    public async Task Circuits_are_opened_by_pages_of_our_own_only(string? origin, bool isTaken)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", origin ?? _world.ClientWeb.Url);
        var opening = socket.ConnectAsync(new Uri(_world.ClientWeb.Url.Replace("http", "ws", StringComparison.Ordinal) + "/_blazor"), Cancellation);

        if (isTaken)
        {
            await opening;
        }
        else
        {
            await Assert.ThrowsAsync<WebSocketException>(() => opening);
        }
    }

    [Fact]
    public async Task Started_without_its_store_it_says_so_and_recovers()
    {
        using var redis = new RedisServer();
        redis.Stop();
        await using var host = new ClientWebHost(_world.McpServer.Url, redis.ConnectionString).Started();
        using var browser = new TestBrowser(host.Url);

        await browser.OpenAsync("/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, browser.Status);
        Assert.Contains("store of sign-ins does not answer", browser.Text, StringComparison.Ordinal);

        redis.Start();
        await Eventually.BeTrueAsync(
            async () =>
            {
                await browser.OpenAsync("/");
                return browser.Status == HttpStatusCode.OK;
            },
            "the start page comes", cancellationToken: Cancellation);
    }

    [Fact]
    public async Task The_page_of_an_outage_has_its_style()
    {
        using var browser = await _world.SignInAsync();
        _world.Redis.Stop();

        await browser.OpenAsync("/css/base.css");

        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Fact]
    public async Task A_page_that_is_not_there_is_said_not_to_be()
    {
        using var browser = await _world.SignInAsync();

        await browser.OpenAsync("/nothing");

        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        Assert.Contains("There is no such page", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_are_kept_out_of_caches_and_carry_no_inline_script_or_style()
    {
        using var browser = await _world.SignInAsync();
        var response = await _http.GetAsync(new Uri(_world.ClientWeb.Url + "/"), Cancellation);

        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.All(browser.Document.Scripts, script => Assert.NotNull(script.Source));
        Assert.Empty(browser.Document.QuerySelectorAll("style, [style], [onclick], [onload]"));
    }

    [Fact]
    public async Task A_setting_that_is_missing_stops_the_start_and_is_named()
    {
        await using var host = new ClientWebHost("", _world.Redis.ConnectionString);

        Assert.Contains("'HomeServer'", Assert.ThrowsAny<Exception>(() => host.Started()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cookie_names_are_apart() => Assert.Equal(
        4, new HashSet<string> { SessionCookie.Name, OwnCookies.SignIn, OwnCookies.SignOut, OwnCookies.Antiforgery }.Count);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
