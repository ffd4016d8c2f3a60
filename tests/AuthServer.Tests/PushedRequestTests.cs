using System.Net;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

/// <summary>Pushed authorization requests (RFC 9126).</summary>
public sealed class PushedRequestTests(ConfiguredSurroundings stack) : IClassFixture<ConfiguredSurroundings>
{
    private const string Par = "/connect/par";

    [Fact]
    public async Task A_pushed_request_is_answered_with_201_and_leads_to_a_code()
    {
        var flow = stack.Flow();
        var pushed = await flow.PostAsync(Par, flow.Request("mcp:tools openid"));
        Assert.Equal(HttpStatusCode.Created, pushed.Status);
        Assert.InRange(pushed.Json.GetProperty("expires_in").GetInt32(), 59, 60);
        Assert.Contains("no-store", pushed.Response.Headers.CacheControl!.ToString());
        Assert.StartsWith("urn:ietf:params:oauth:request_uri:", pushed.Text("request_uri"));

        var page = await flow.FinishAsync(await GoAsync(flow, pushed));
        Assert.Equal("the-state", page.Query("state"));
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(flow.CodeRequest(page.Query("code")!))).Status);
    }

    [Fact]
    public async Task A_request_uri_is_used_once_and_the_sign_in_may_take_longer_than_it_lives()
    {
        var flow = stack.Flow();
        var pushed = await flow.PostAsync(Par, flow.Request("mcp:tools"));
        var page = await GoAsync(flow, pushed);
        Assert.Equal("/sign-in", page.Url.AbsolutePath);

        var second = await GoAsync(stack.Flow(), pushed);
        Assert.Equal((HttpStatusCode.BadRequest, stack.Server.Port), (second.Status, second.Url.Port));

        stack.Server.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.NotNull((await flow.FinishAsync(page)).Query("code"));
    }

    [Fact]
    public async Task Of_two_browsers_that_bring_one_request_uri_together_one_gets_on()
    {
        var flow = stack.Flow();
        var pushed = await flow.PostAsync(Par, flow.Request("mcp:tools"));
        var pages = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => GoAsync(stack.Flow(), pushed)));
        Assert.Single(pages, page => page.Url.AbsolutePath == "/sign-in");
    }

    [Fact]
    public async Task A_request_uri_that_nobody_used_expires()
    {
        var flow = stack.Flow();
        var pushed = await flow.PostAsync(Par, flow.Request("mcp:tools"));
        stack.Server.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.BadRequest, (await GoAsync(flow, pushed)).Status);
    }

    [Fact]
    public async Task A_request_uri_is_of_its_client_alone()
    {
        var flow = stack.Flow();
        var pushed = await flow.PostAsync(Par, flow.Request("mcp:tools"));
        var page = await flow.Browser.GoAsync($"/connect/authorize?client_id={ConfiguredSurroundings.PublicId}&request_uri={Uri.EscapeDataString(pushed.Text("request_uri")!)}");
        Assert.Equal((HttpStatusCode.BadRequest, stack.Server.Port), (page.Status, page.Url.Port));
    }

    [Fact]
    public async Task What_the_browser_adds_to_a_pushed_request_counts_for_nothing()
    {
        var flow = stack.Flow();
        var pushed = await flow.PostAsync(Par, flow.Request("mcp:tools"));
        var page = await flow.Browser.GoAsync(
            $"/connect/authorize?client_id={Uri.EscapeDataString(stack.Client.Id)}&request_uri={Uri.EscapeDataString(pushed.Text("request_uri")!)}&scope=notes:write&state=other&redirect_uri=https://evil.example");
        page = await flow.FinishAsync(page);
        Assert.Equal("the-state", page.Query("state"));
        Assert.Equal("mcp:tools", (await flow.TokenAsync(flow.CodeRequest(page.Query("code")!))).Text("scope"));
    }

    [Theory]
    [InlineData("redirect_uri", "http://localhost:1/elsewhere", "invalid_request")]
    [InlineData("redirect_uri", null, "invalid_request")]
    [InlineData("scope", "mcp:tools launch:missiles", "invalid_scope")]
    [InlineData("resource", "http://localhost:5200/other", "invalid_target")]
    [InlineData("resource", "not-a-url", "invalid_target")]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("request_uri", "urn:ietf:params:oauth:request_uri:x", "invalid_request")]
    [InlineData("request", "e30.e30.", "request_not_supported")]
    [InlineData("max_age", "soon", "invalid_request")]
    [InlineData("id_token_hint", "not-a-token", "invalid_request")]
    [InlineData("client_assertion", "not-a-token", "invalid_client")]
    public async Task Every_rule_of_the_authorization_endpoint_holds_with_an_error_in_JSON(string parameter, string? value, string error)
    {
        var flow = stack.Flow();
        var request = flow.Request("mcp:tools");
        request[parameter] = value;
        var answer = await flow.PostAsync(Par, request);
        Assert.Equal((error == "invalid_client" ? HttpStatusCode.Unauthorized : HttpStatusCode.BadRequest, error), (answer.Status, answer.Error));
        Assert.Contains(stack.Server.Logs.Lines, line => line.Contains("Pushed authorization request refused"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/connect/token")]
    [InlineData(Par)]
    public async Task An_assertion_for_the_issuer_the_token_endpoint_or_this_one_is_taken(string path)
    {
        var flow = stack.Flow();
        var request = flow.Request("mcp:tools");
        request["client_assertion"] = stack.Client.Assertion(stack.Server.Issuer + path, stack.Server.Time.GetUtcNow());
        Assert.Equal(HttpStatusCode.Created, (await flow.PostAsync(Par, request)).Status);
    }

    [Fact]
    public async Task A_client_that_changed_since_it_pushed_is_judged_as_it_is_now()
    {
        await using var server = await RunningAuthServer.StartAsync(stack.Redis.ConnectionString, settings: [("PushedRequestLifetime", "00:10:00")]);
        await using var client = await TestClient.StartAsync();
        var flow = new Flow(server, client);
        var pushed = await flow.PostAsync(Par, flow.Request("mcp:tools"));
        client.Document["redirect_uris"] = new[] { "https://app.example/callback" };
        server.Time.Advance(TimeSpan.FromMinutes(6));
        var page = await GoAsync(flow, pushed, client.Id);
        Assert.Equal((HttpStatusCode.BadRequest, server.Port), (page.Status, page.Url.Port));
        Assert.Contains("redirect_uri", page.Html.QuerySelector("[data-testid=error-detail]")?.TextContent);
    }

    [Fact]
    public async Task A_confidential_client_proves_itself_as_at_the_token_endpoint()
    {
        var flow = stack.Flow();
        var request = ConfiguredSurroundings.RequestOf(flow, ConfiguredSurroundings.PushingId);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), await PushAsync(request));
        request["client_secret"] = "another secret, which is long enough to be one";
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), await PushAsync(request));
        request["client_secret"] = ConfiguredSurroundings.Secret;
        Assert.Equal((HttpStatusCode.Created, null), await PushAsync(request));
    }

    [Fact]
    public async Task A_client_that_must_push_can_not_ask_otherwise()
    {
        var flow = stack.Flow();
        var request = ConfiguredSurroundings.RequestOf(flow, ConfiguredSurroundings.PushingId);
        Assert.Equal("invalid_request", (await flow.AuthorizeAsync(request)).Query("error"));

        request["client_secret"] = ConfiguredSurroundings.Secret;
        var pushed = await Answer.OfAsync(await stack.Server.Client.PostAsync(Par, new FormUrlEncodedContent(request!), TestContext.Current.CancellationToken));
        Assert.NotNull((await flow.FinishAsync(await GoAsync(flow, pushed, ConfiguredSurroundings.PushingId))).Query("code"));
    }

    [Fact]
    public async Task Where_all_must_push_nobody_can_ask_otherwise_and_the_metadata_says_so()
    {
        await using var server = await RunningAuthServer.StartAsync(
            stack.Redis.ConnectionString, settings: [("RequirePushedAuthorizationRequests", "true"), ("PushedRequestLifetime", "00:10:00")]);
        var flow = new Flow(server, stack.Client);
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.AuthorizeAsync()).Status);

        var pushed = await flow.PostAsync(Par, flow.Request("mcp:tools"));
        Assert.InRange(pushed.Json.GetProperty("expires_in").GetInt32(), 599, 600);
        Assert.NotNull((await flow.FinishAsync(await GoAsync(flow, pushed))).Query("code"));

        var metadata = await Answer.OfAsync(await server.Client.GetAsync("/.well-known/oauth-authorization-server", TestContext.Current.CancellationToken));
        Assert.True(metadata.Json.GetProperty("require_pushed_authorization_requests").GetBoolean());
        Assert.Equal(server.Issuer + Par, metadata.Text("pushed_authorization_request_endpoint"));
    }

    [Theory]
    [InlineData("00:00:01")]
    [InlineData("00:10:01")]
    public void A_lifetime_out_of_bounds_stops_the_start(string lifetime)
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationManager { ["PushedRequestLifetime"] = lifetime };
        Assert.Contains("PushedRequestLifetime", Assert.Throws<InvalidOperationException>(() => new Authorize.PushedRequestLifetime(configuration)).Message);
    }

    [Fact]
    public async Task Only_POST_is_taken_from_any_origin_and_no_more_than_64_KB()
    {
        using var get = await stack.Server.Client.GetAsync(Par + "?client_id=" + ConfiguredSurroundings.PublicId, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);

        using var request = new HttpRequestMessage(HttpMethod.Options, Par) { Headers = { { "Origin", "https://app.example" }, { "Access-Control-Request-Method", "POST" } } };
        using var preflight = await stack.Server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("*", preflight.Headers.GetValues("Access-Control-Allow-Origin").Single());

        using var content = new FormUrlEncodedContent(new Dictionary<string, string> { ["client_id"] = ConfiguredSurroundings.PublicId, ["nonce"] = new string('x', 70_000) });
        using var large = await stack.Server.Client.PostAsync(Par, content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Equal("application/json", large.Content.Headers.ContentType?.MediaType);
    }

    private async Task<(HttpStatusCode, string?)> PushAsync(Dictionary<string, string?> request)
    {
        var answer = await Answer.OfAsync(await stack.Server.Client.PostAsync(Par, new FormUrlEncodedContent(request!), TestContext.Current.CancellationToken));
        return (answer.Status, answer.Error);
    }

    private Task<Page> GoAsync(Flow flow, Answer pushed, string? clientId = null) => flow.Browser.GoAsync(
        $"/connect/authorize?client_id={Uri.EscapeDataString(clientId ?? stack.Client.Id)}&request_uri={Uri.EscapeDataString(pushed.Text("request_uri")!)}");
}
