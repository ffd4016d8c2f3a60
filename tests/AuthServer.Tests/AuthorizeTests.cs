using System.Net;
using AngleSharp.Html.Dom;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

public sealed class AuthorizeTests(Surroundings stack) : IClassFixture<Surroundings>
{
    [Theory]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    [InlineData("redirect_uri", "http://localhost:1/elsewhere", "invalid_request")]
    [InlineData("redirect_uri", null, "invalid_request")]
    [InlineData("resource", "http://localhost:5200/other", "invalid_target")]
    [InlineData("resource", "not-a-url", "invalid_target")]
    [InlineData("resource", "http://localhost:5200/mcp#part", "invalid_target")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("scope", "mcp:tools launch:missiles", "invalid_scope")]
    [InlineData("client_id", "nobody", "invalid_request")]
    [InlineData("prompt", "create", "invalid_request")]
    [InlineData("max_age", "-1", "invalid_request")]
    [InlineData("max_age", "soon", "invalid_request")]
    public async Task A_bad_request_of_a_client_that_nobody_configured_is_shown_here(string parameter, string? value, string error)
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request[parameter] = value;

        var page = await flow.AuthorizeAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Equal(stack.Server.Port, page.Url.Port);
        Assert.StartsWith(error + ":", page.Html.QuerySelector("[data-testid=error-detail]")?.TextContent);
    }

    [Fact]
    public async Task A_registered_redirect_uri_with_another_port_is_refused_to_a_client_that_is_not_native()
    {
        // With a redirect URI elsewhere too: one that only comes back to loopback is native, whatever it says.
        await using var client = await TestClient.StartAsync();
        client.Document["redirect_uris"] = new[] { client.RedirectUri, "https://app.example/callback" };
        client.Document["application_type"] = "web";
        var flow = new Flow(stack.Server, client);
        var request = flow.Request();
        Assert.Equal("/sign-in", (await flow.AuthorizeAsync(request)).Url.AbsolutePath);
        request["redirect_uri"] = "http://localhost:1/signin/callback";
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.AuthorizeAsync(request)).Status);
    }

    [Theory]
    [InlineData("state", 2049)]
    [InlineData("nonce", 2049)]
    public async Task A_huge_parameter_is_refused(string parameter, int length)
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request[parameter] = new string('x', length);
        var page = await flow.AuthorizeAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Contains(parameter, page.Text);
    }

    [Fact]
    public async Task A_state_of_2048_characters_comes_back_whole()
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["state"] = new string('x', 2048);
        Assert.Equal(request["state"], (await flow.ToClientAsync(request)).Query("state"));
    }

    [Theory]
    [InlineData("scope=openid")]
    [InlineData("state=again")]
    [InlineData("client_id=nobody")]
    [InlineData("code_challenge=other")]
    public async Task A_repeated_parameter_is_refused(string again)
    {
        var flow = stack.Flow();
        var page = await flow.Browser.GoAsync($"{Flow.AuthorizeUrl(flow.Request())}&{again}");
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Equal(stack.Server.Port, page.Url.Port);
    }

    [Fact]
    public async Task More_than_50_scopes_are_refused()
    {
        var flow = stack.Flow();
        var page = await flow.AuthorizeAsync(flow.Request(string.Join(' ', Enumerable.Range(0, 51).Select(number => $"s{number}"))));
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
    }

    [Fact]
    public async Task Without_prompt_the_browser_is_told_what_is_missing_with_iss()
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["prompt"] = "none";
        var page = await flow.AuthorizeAsync(request);
        Assert.Equal(("login_required", "the-state", stack.Server.Issuer), (page.Query("error"), page.Query("state"), page.Query("iss")));

        await flow.SignInAsync(await flow.Browser.GoAsync("/sign-in"), "bob");
        page = await flow.AuthorizeAsync(request);
        Assert.Equal(("consent_required", stack.Server.Issuer), (page.Query("error"), page.Query("iss")));
    }

    [Fact]
    public async Task Denying_sends_access_denied_with_iss_and_no_code()
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["prompt"] = "consent";
        var page = await flow.SignInAsync(await flow.AuthorizeAsync(request));
        page = await flow.Browser.SubmitAsync(page, [], ("decision", "deny"));
        Assert.Equal(("access_denied", "the-state", stack.Server.Issuer), (page.Query("error"), page.Query("state"), page.Query("iss")));
        Assert.Null(page.Query("code"));
    }

    [Fact]
    public async Task The_consent_page_says_who_asks_for_what_and_where_it_leads()
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["prompt"] = "consent";
        var page = await flow.SignInAsync(await flow.AuthorizeAsync(request));

        Assert.Contains("Test client", page.Html.QuerySelector("[data-testid=client]")!.TextContent);
        Assert.Contains(new Uri(stack.Client.Id).Authority, page.Html.QuerySelector("[data-testid=verified-host]")!.TextContent);
        Assert.Contains(RunningAuthServer.Resource, page.Html.QuerySelector("[data-testid=resource]")!.TextContent);
        Assert.Contains(stack.Client.Origin, page.Html.QuerySelector("[data-testid=redirect]")!.TextContent);
        Assert.Equal(["notes:read", "notes:write", "profile", "email", "roles"], Boxes(page).Where(box => !box.IsDisabled).Select(box => box.Value));
        Assert.Equal(2, Boxes(page).Count(box => box.IsDisabled));
        Assert.Contains("script-src 'self'", page.Response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Empty(page.Html.QuerySelectorAll("style,[style],script:not([src])"));
    }

    [Fact]
    public async Task Unticked_boxes_are_left_out_and_what_notes_write_implies_is_not()
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["prompt"] = "consent";
        var page = await flow.SignInAsync(await flow.AuthorizeAsync(request));
        page = await flow.Browser.SubmitAsync(page, new() { ["email"] = null, ["roles"] = null, ["notes:read"] = null }, ("decision", "allow"));

        var answer = await flow.TokenAsync(flow.CodeRequest(page.Query("code")!));
        Assert.Equal("mcp:tools notes:read notes:write openid profile", answer.Access.GetClaim("scope").Value);
        Assert.Equal("mcp:tools notes:read notes:write openid profile", answer.Text("scope"));
    }

    [Fact]
    public async Task A_consent_is_remembered_and_asked_again_only_for_more()
    {
        await using var client = await TestClient.StartAsync();
        var flow = new Flow(stack.Server, client);
        await flow.CodeAsync(flow.Request("mcp:tools openid"));

        Assert.NotNull((await flow.AuthorizeAsync(flow.Request("mcp:tools openid"))).Query("code"));
        Assert.NotNull((await flow.AuthorizeAsync(flow.Request("mcp:tools notes:read"))).Html.QuerySelector("[data-testid=allow]"));
    }

    [Fact]
    public async Task A_box_left_unticked_is_asked_again_and_its_refusal_takes_back_what_contains_it()
    {
        await using var client = await TestClient.StartAsync();
        var flow = new Flow(stack.Server, client);
        await flow.CodeAsync(flow.Request("mcp:tools notes:write"));

        var request = flow.Request("mcp:tools notes:read");
        request["prompt"] = "consent";
        var page = await flow.Browser.SubmitAsync(await flow.AuthorizeAsync(request), new() { ["notes:read"] = null }, ("decision", "allow"));
        Assert.NotNull(page.Query("code"));
        Assert.NotNull((await flow.AuthorizeAsync(flow.Request("mcp:tools notes:read"))).Html.QuerySelector("[data-testid=allow]"));
        Assert.NotNull((await flow.AuthorizeAsync(flow.Request("mcp:tools notes:write"))).Html.QuerySelector("[data-testid=allow]"));
        Assert.NotNull((await flow.AuthorizeAsync(flow.Request("mcp:tools"))).Query("code"));
    }

    [Fact]
    public async Task A_public_client_on_loopback_is_warned_of_and_asked_each_time_and_its_port_is_free()
    {
        await using var client = await TestClient.StartAsync();
        client.Document["token_endpoint_auth_method"] = "none";
        client.Document.Remove("jwks");
        client.Document["redirect_uris"] = new[] { "http://127.0.0.1/callback" };
        var flow = new Flow(stack.Server, client);
        var request = flow.Request("mcp:tools");
        request["redirect_uri"] = "http://127.0.0.1:49152/callback";

        var page = await flow.SignInAsync(await flow.AuthorizeAsync(request));
        Assert.NotNull(page.Html.QuerySelector("[data-testid=warning]"));
        Assert.NotNull((await flow.AllowAsync(page)).Query("code"));
        Assert.NotNull((await flow.AuthorizeAsync(request)).Html.QuerySelector("[data-testid=warning]"));
    }

    [Fact]
    public async Task Prompt_login_asks_for_the_password_again_and_keeps_the_session()
    {
        var flow = stack.Flow();
        var first = (await flow.TokensAsync()).Access;
        stack.Server.Time.Advance(TimeSpan.FromMinutes(2));

        var request = flow.Request();
        request["prompt"] = "login";
        var page = await flow.AuthorizeAsync(request);
        Assert.Equal("/sign-in", page.Url.AbsolutePath);
        page = await flow.SignInAsync(page);
        var second = (await flow.TokenAsync(flow.CodeRequest(page.Query("code")!))).Access;
        Assert.Equal(first.GetClaim("sid").Value, second.GetClaim("sid").Value);
        Assert.Equal(120, long.Parse(second.GetClaim("auth_time").Value) - long.Parse(first.GetClaim("auth_time").Value), 2.0);
    }

    [Fact]
    public async Task Max_age_asks_for_the_password_again_once_it_has_passed()
    {
        var flow = stack.Flow();
        await flow.TokensAsync();
        stack.Server.Time.Advance(TimeSpan.FromMinutes(3));
        var request = flow.Request();
        request["max_age"] = "600";
        Assert.NotNull((await flow.AuthorizeAsync(request)).Query("code"));
        request["max_age"] = "9223372036854775807";
        Assert.NotNull((await flow.AuthorizeAsync(request)).Query("code"));
        request["max_age"] = "60";
        var page = await flow.AuthorizeAsync(request);
        Assert.Equal("/sign-in", page.Url.AbsolutePath);
        Assert.NotNull((await flow.SignInAsync(page)).Query("code"));
    }

    [Fact]
    public async Task A_step_up_widens_the_grant_of_the_session()
    {
        var flow = stack.Flow();
        var first = (await flow.TokensAsync(flow.Request("mcp:tools"))).Access;
        var second = (await flow.TokensAsync(flow.Request("mcp:tools notes:read"))).Access;
        Assert.Equal(first.GetClaim("grant_id").Value, second.GetClaim("grant_id").Value);
        Assert.Equal("mcp:tools notes:read", second.GetClaim("scope").Value);
    }

    [Fact]
    public async Task Without_scope_and_resource_the_minimum_and_the_default_are_granted()
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["scope"] = null;
        request["resource"] = null;
        var access = (await flow.TokensAsync(request)).Access;
        Assert.Equal("mcp:tools", access.GetClaim("scope").Value);
        Assert.Equal([RunningAuthServer.Resource], access.Audiences);
    }

    [Fact]
    public async Task The_resource_is_compared_as_a_url_and_the_audience_is_as_configured()
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["resource"] = "HTTP://LOCALHOST:5200/mcp";
        Assert.Equal([RunningAuthServer.Resource], (await flow.TokensAsync(request)).Access.Audiences);
    }

    [Fact]
    public async Task A_stored_request_gives_one_code_only()
    {
        var flow = stack.Flow();
        var page = await flow.SignInAsync(await flow.AuthorizeAsync());
        var stored = page.Url;
        if (page.Html.QuerySelector("[data-testid=allow]") is null)
        {
            var request = flow.Request();
            request["prompt"] = "consent";
            page = await flow.AuthorizeAsync(request);
            stored = page.Url;
        }

        Assert.NotNull((await flow.AllowAsync(page)).Query("code"));
        page = await flow.Browser.GoAsync(stored.PathAndQuery);
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Null(page.Query("code"));
    }

    [Fact]
    public async Task Pages_are_complete_without_anything_from_elsewhere()
    {
        var page = await stack.Flow().Browser.GoAsync("/sign-in");
        Assert.Equal("en", page.Html.DocumentElement.GetAttribute("lang"));
        Assert.All(page.Html.QuerySelectorAll("label"), label => Assert.NotNull(page.Html.GetElementById(label.GetAttribute("for")!)));
        var styles = page.Html.QuerySelector("link[rel=stylesheet]")!.GetAttribute("href")!;
        Assert.Equal(HttpStatusCode.OK, (await stack.Server.Client.GetAsync(styles, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await stack.Server.Client.GetAsync("/js/consent.js", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_consent_form_of_another_session_is_refused()
    {
        var alice = stack.Flow();
        var request = alice.Request();
        request["prompt"] = "consent";
        var page = await alice.SignInAsync(await alice.AuthorizeAsync(request));

        var bob = stack.Flow();
        await bob.SignInAsync(await bob.Browser.GoAsync("/sign-in"), "bob");
        Assert.Equal(HttpStatusCode.BadRequest, (await bob.Browser.SubmitAsync(page, [], ("decision", "allow"))).Status);
    }

    private static IEnumerable<IHtmlInputElement> Boxes(Page page) =>
        page.Html.QuerySelectorAll("input[type=checkbox]").OfType<IHtmlInputElement>();
}
