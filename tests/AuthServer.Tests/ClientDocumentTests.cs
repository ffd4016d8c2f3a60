using System.Net;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.AspNetCore.Http;

namespace McpAspire.AuthServer.Tests;

public sealed class ClientDocumentTests(Surroundings stack) : IClassFixture<Surroundings>, IAsyncLifetime
{
    private TestClient _client = null!;

    public async ValueTask InitializeAsync() => _client = await TestClient.StartAsync();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Theory]
    [InlineData("client_id", "http://localhost:1/other.json", "client_id")]
    [InlineData("client_name", null, "client_name")]
    [InlineData("client_name", " \u200B\u0007 ", "client_name")]
    [InlineData("redirect_uris", null, "redirect_uris")]
    [InlineData("token_endpoint_auth_method", "client_secret_basic", "secret")]
    [InlineData("client_secret", "hunter2", "client_secret")]
    [InlineData("scope", "launch:missiles", "scopes")]
    [InlineData("jwks", "not-a-set", "Key Set")]
    public async Task A_document_with_a_fault_is_refused_and_its_repair_taken_at_once(string member, string? value, string named)
    {
        var good = _client.Document.GetValueOrDefault(member);
        _client.Document[member] = value;
        var page = await AuthorizeAsync();
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Contains(named, page.Html.QuerySelector("[data-testid=error-detail]")!.TextContent);

        _client.Document[member] = good;
        Assert.Equal("/sign-in", (await AuthorizeAsync()).Url.AbsolutePath);
    }

    [Theory]
    [InlineData("redirect_uris", "[null]")]
    [InlineData("post_logout_redirect_uris", "[null]")]
    [InlineData("grant_types", "[null]")]
    [InlineData("redirect_uris", "[\"https://elsewhere.example/callback?iss=https%3A%2F%2Felsewhere.example\"]")]
    [InlineData("jwks", "{\"keys\":[null]}")]
    [InlineData("jwks", "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}")]
    [InlineData("jwks", "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}")]
    public async Task A_hostile_document_is_refused_as_a_client(string member, string json)
    {
        _client.Document[member] = System.Text.Json.JsonDocument.Parse(json).RootElement;
        var page = await AuthorizeAsync();
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.StartsWith("invalid_client:", page.Html.QuerySelector("[data-testid=error-detail]")!.TextContent);
    }

    [Theory]
    [InlineData(503, true)]
    [InlineData(404, false)]
    public async Task The_page_says_to_try_again_only_where_that_may_help(int status, bool helps)
    {
        _client.Answer = context => { context.Response.StatusCode = status; return Task.CompletedTask; };
        var advice = (await AuthorizeAsync()).Html.QuerySelector("[role=alert]")!.TextContent;
        Assert.Equal(helps, advice.Contains("try again in a minute", StringComparison.Ordinal));
        Assert.Equal(!helps, advice.Contains("trying again does not help", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://elsewhere.example/client.json")]
    [InlineData("https://10.0.0.1/client.json")]
    public async Task Nor_does_it_for_a_client_id_that_can_not_be(string clientId)
    {
        var request = new Flow(stack.Server, _client).Request();
        request["client_id"] = clientId;
        var page = await new Flow(stack.Server, _client).AuthorizeAsync(request);
        Assert.Contains("trying again does not help", page.Html.QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://elsewhere.example/callback")]
    [InlineData("javascript:alert(1)")]
    [InlineData("https://user@elsewhere.example/callback")]
    [InlineData("https://elsewhere.example/callback#fragment")]
    [InlineData("myapp:callback")]
    [InlineData("/relative")]
    public async Task A_redirect_uri_that_may_not_be_registered_is_refused(string redirectUri)
    {
        _client.Document["redirect_uris"] = new[] { _client.RedirectUri, redirectUri };
        Assert.Equal(HttpStatusCode.BadRequest, (await AuthorizeAsync()).Status);
    }

    [Fact]
    public async Task Only_200_with_json_of_at_most_5_KB_is_taken()
    {
        var bad = new Func<HttpContext, Task>[]
        {
            context => { context.Response.StatusCode = 404; return Task.CompletedTask; },
            context => { context.Response.Redirect("/oauth/elsewhere.json"); return Task.CompletedTask; },
            context => context.Response.WriteAsJsonAsync(_client.Document, options: null, "text/html"),
            context => context.Response.WriteAsJsonAsync(new Dictionary<string, object?>(_client.Document) { ["padding"] = new string('x', 6000) }),
            context => { context.Response.ContentType = "application/json"; return context.Response.WriteAsync("{"); },
            context => { context.Response.ContentType = "application/json"; return context.Response.WriteAsync("null"); },
            context => { context.Response.ContentType = "application/json"; return context.Response.WriteAsync("""{"redirect_uris":"one"}"""); },
        };
        foreach (var answer in bad)
        {
            _client.Answer = answer;
            Assert.Equal(HttpStatusCode.BadRequest, (await AuthorizeAsync()).Status);
        }

        _client.Answer = context => context.Response.WriteAsJsonAsync(_client.Document, options: null, "application/oauth-client+json");
        Assert.Equal("/sign-in", (await AuthorizeAsync()).Url.AbsolutePath);
    }

    [Fact]
    public async Task A_good_document_is_kept_for_5_minutes_where_nothing_is_said()
    {
        await AuthorizeAsync();
        await AuthorizeAsync();
        Assert.Equal(1, _client.Requests);
        stack.Server.Time.Advance(TimeSpan.FromMinutes(6));
        await AuthorizeAsync();
        Assert.Equal(2, _client.Requests);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(null)]
    public async Task A_document_with_Expires_is_kept_until_then_and_one_that_is_no_date_is_kept_no_longer_than_it_must(int? minutes)
    {
        _client.Answer = context =>
        {
            context.Response.Headers.Expires = minutes is null ? "soon" : (DateTimeOffset.UtcNow + TimeSpan.FromMinutes(minutes.Value)).ToString("R");
            return context.Response.WriteAsJsonAsync(_client.Document);
        };
        await AuthorizeAsync();
        stack.Server.Time.Advance(TimeSpan.FromMinutes(minutes ?? 1) - TimeSpan.FromSeconds(5));
        await AuthorizeAsync();
        Assert.Equal(1, _client.Requests);
        stack.Server.Time.Advance(TimeSpan.FromSeconds(10));
        await AuthorizeAsync();
        Assert.Equal(2, _client.Requests);
    }

    [Fact]
    public async Task One_flight_serves_requests_that_come_together()
    {
        var gate = new TaskCompletionSource();
        _client.Answer = async context =>
        {
            await gate.Task;
            await context.Response.WriteAsJsonAsync(_client.Document);
        };
        var pages = Enumerable.Range(0, 5).Select(_ => AuthorizeAsync()).ToArray();
        await TestKit.Eventually.BeTrueAsync(() => Task.FromResult(_client.Requests > 0), "the document is asked for", cancellationToken: TestContext.Current.CancellationToken);
        gate.SetResult();
        Assert.All(await Task.WhenAll(pages), page => Assert.Equal("/sign-in", page.Url.AbsolutePath));
        Assert.InRange(_client.Requests, 1, 2);
    }

    [Fact]
    public async Task A_bad_document_is_asked_for_10_times_a_minute_at_most()
    {
        _client.Answer = context => { context.Response.StatusCode = 500; return Task.CompletedTask; };
        for (var attempt = 0; attempt < 12; attempt++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await AuthorizeAsync()).Status);
        }

        Assert.Equal(10, _client.Requests);
    }

    [Theory]
    [InlineData("http://localhost:1")]
    [InlineData("http://elsewhere.example/client.json")]
    [InlineData("http://localhost:1/a/../b.json")]
    [InlineData("http://localhost:1/a.json#fragment")]
    [InlineData("http://user@localhost:1/a.json")]
    [InlineData("ftp://localhost/a.json")]
    public async Task A_url_that_can_not_be_a_client_id_is_refused(string clientId)
    {
        var flow = new Flow(stack.Server, _client);
        var request = flow.Request();
        request["client_id"] = clientId;
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.AuthorizeAsync(request)).Status);
    }

    [Theory]
    [InlineData("https://192.168.7.7/client.json")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://[fd00::1]/client.json")]
    public async Task A_document_on_an_inner_address_is_not_asked_for(string clientId)
    {
        var flow = new Flow(stack.Server, _client);
        var request = flow.Request();
        request["client_id"] = clientId;
        var page = await flow.AuthorizeAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Contains("not on the public internet", page.Html.QuerySelector("[data-testid=error-detail]")!.TextContent);
    }

    [Fact]
    public async Task Keys_on_an_inner_address_are_not_asked_for()
    {
        _client.Document.Remove("jwks");
        _client.Document["jwks_uri"] = "https://192.168.7.7/jwks.json";
        var flow = new Flow(stack.Server, _client);
        var answer = await flow.TokenAsync(flow.CodeRequest(await flow.CodeAsync()));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (answer.Status, answer.Error));
        Assert.Contains("not on the public internet", answer.Text("error_description"));
    }

    [Fact]
    public async Task A_list_of_methods_stands_for_the_singular()
    {
        _client.Document.Remove("token_endpoint_auth_method");
        _client.Document["token_endpoint_auth_methods_supported"] = new[] { "none", "private_key_jwt" };
        Assert.Equal(HttpStatusCode.OK, (await new Flow(stack.Server, _client).TokensAsync()).Status);
    }

    private async Task<Page> AuthorizeAsync()
    {
        var flow = new Flow(stack.Server, _client);
        return await flow.AuthorizeAsync();
    }
}
