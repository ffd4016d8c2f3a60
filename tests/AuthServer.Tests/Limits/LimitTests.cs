using System.Net;
using System.Net.Http.Json;
using System.Text;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests.Limits;

/// <summary>What is at a limit is taken, and what is one more is refused. The limits are those of the defaults.</summary>
public sealed class LimitTests(Surroundings stack) : IClassFixture<Surroundings>
{
    private const string Redirect = "https://app.example/cb";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_has_20_redirect_uris_at_most()
    {
        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync([.. Redirects(20)])).Status);
        var refused = await RegisterAsync([.. Redirects(21)]);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_redirect_uri"), (refused.Status, refused.Error));
    }

    [Fact]
    public async Task A_client_has_20_redirect_uris_for_after_the_logout_at_most()
    {
        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync([Redirect], [.. Redirects(20)])).Status);
        Assert.Equal("invalid_redirect_uri", (await RegisterAsync([Redirect], [.. Redirects(21)])).Error);
    }

    [Fact]
    public async Task A_redirect_uri_has_2048_characters_at_most_and_one_of_so_many_gets_the_code()
    {
        var longest = Redirect.PadRight(2048, 'x');
        var registered = await RegisterAsync([longest]);
        Assert.Equal(HttpStatusCode.Created, registered.Status);
        var page = await new Flow(stack.Server, new TestClient { Id = registered.Text("client_id")!, RedirectUri = longest }).ToClientAsync();
        Assert.StartsWith(longest, page.Url.ToString());
        Assert.NotNull(page.Query("code"));

        Assert.Equal("invalid_redirect_uri", (await RegisterAsync([longest + "x"])).Error);
        var refused = await PushAsync("redirect_uri", longest + "x");
        Assert.Equal("invalid_request", refused.Error);
        Assert.Contains("2048", refused.Text("error_description"));
    }

    [Theory]
    [InlineData("state")]
    [InlineData("nonce")]
    public async Task State_and_nonce_have_2048_characters_at_most(string parameter)
    {
        Assert.Equal(HttpStatusCode.Created, (await PushAsync(parameter, new string('x', 2048))).Status);
        var refused = await PushAsync(parameter, new string('x', 2049));
        Assert.Equal("invalid_request", refused.Error);
        Assert.Contains(parameter, refused.Text("error_description"));
    }

    [Fact]
    public async Task A_request_asks_for_50_scopes_at_most()
    {
        // Unknown ones: that they are too many is found before what they are.
        Assert.Equal("invalid_scope", (await PushAsync("scope", Scopes(50))).Error);
        Assert.Equal("invalid_request", (await PushAsync("scope", Scopes(51))).Error);
    }

    [Fact]
    public async Task A_body_has_64_KB_at_most()
    {
        var taken = await PostAsync(64 * 1024);
        Assert.Equal((HttpStatusCode.BadRequest, "unsupported_grant_type"), (taken.Status, taken.Error));
        var refused = await PostAsync((64 * 1024) + 1);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "invalid_request"), (refused.Status, refused.Error));
        Assert.Contains("65536 bytes", refused.Text("error_description"));
    }

    [Fact]
    public async Task An_assertion_expires_10_minutes_ahead_at_most_but_for_the_clocks()
    {
        Assert.Equal("invalid_grant", (await RedeemAsync(TimeSpan.FromSeconds(630))).Error);
        var refused = await RedeemAsync(TimeSpan.FromSeconds(632));
        Assert.Equal("invalid_client", refused.Error);
        Assert.Contains("10 minutes", refused.Text("error_description"));
    }

    [Theory]
    [InlineData("http://[::1]/cb", "http://[::1]:49152/cb", true)]
    [InlineData("http://[::1]:8000/cb", "http://[::1]:1/cb", true)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:65535/cb", true)]
    [InlineData("http://localhost:8000/cb", "http://localhost/cb", true)]
    [InlineData("http://[::1]/cb", "http://127.0.0.1/cb", false)]
    [InlineData("http://[::1]/cb", "http://[::1]:49152/other", false)]
    public async Task A_client_on_loopback_comes_back_to_any_port_of_its_host(string registered, string asked, bool taken)
    {
        var client = await RegisterAsync([registered]);
        var flow = new Flow(stack.Server, new TestClient { Id = client.Text("client_id")!, RedirectUri = asked });
        var page = await flow.AuthorizeAsync();
        Assert.Equal(taken ? "/sign-in" : "/connect/authorize", page.Url.AbsolutePath);
        if (taken)
        {
            page = await flow.FinishAsync(page);
            Assert.StartsWith(asked + "?", page.Url.OriginalString);
            Assert.NotNull(page.Query("code"));
        }
    }

    private static IEnumerable<string> Redirects(int count) => Enumerable.Range(0, count).Select(number => $"{Redirect}/{number}");

    private static string Scopes(int count) => string.Join(' ', Enumerable.Range(0, count).Select(number => $"scope:{number}"));

    private async Task<Answer> RegisterAsync(string[] redirectUris, string[]? afterLogout = null) =>
        await Answer.OfAsync(await stack.Server.Client.PostAsJsonAsync(
            "/connect/register", new { redirect_uris = redirectUris, post_logout_redirect_uris = afterLogout, token_endpoint_auth_method = "none" }, Cancel));

    private Task<Answer> PushAsync(string parameter, string value)
    {
        var flow = stack.Flow();
        var request = flow.Request("mcp:tools openid");
        request[parameter] = value;
        return flow.PostAsync("/connect/par", request);
    }

    private async Task<Answer> PostAsync(int bytes)
    {
        var content = new StringContent("grant_type=nothing&x=".PadRight(bytes, 'x'), Encoding.ASCII, "application/x-www-form-urlencoded");
        return await Answer.OfAsync(await stack.Server.Client.PostAsync("/connect/token", content, Cancel));
    }

    private Task<Answer> RedeemAsync(TimeSpan lifetime)
    {
        var flow = stack.Flow();
        var fields = flow.CodeRequest("none");
        fields["client_assertion"] = stack.Client.Assertion(stack.Server.Issuer, stack.Server.Time.GetUtcNow(), lifetime: lifetime);
        return flow.TokenAsync(fields);
    }
}
