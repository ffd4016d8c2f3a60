using System.Net;
using AngleSharp.Html.Parser;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests;

public sealed class SignOutTests(Surroundings stack) : IClassFixture<Surroundings>
{
    [Fact]
    public async Task With_the_sessions_own_hint_the_browser_is_signed_out_at_once_and_sent_back()
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        var page = await flow.Browser.GoAsync(Url(tokens.Access.GetClaim("sid").Value));
        Assert.Equal(stack.Client.AfterLogout, page.Url.GetLeftPart(UriPartial.Path));
        Assert.Equal("back", page.Query("state"));
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
        Assert.DoesNotContain("Alice", (await flow.Browser.GoAsync("/")).Text);
    }

    [Fact]
    public async Task A_form_of_another_site_signs_out_as_well()
    {
        // Which brings no cookie of ours.
        var flow = stack.Flow();
        var sid = (await flow.TokensAsync()).Access.GetClaim("sid").Value;
        var page = await PostFromElsewhereAsync(flow, Parameters(sid));
        Assert.Equal((stack.Client.AfterLogout, "back"), (page.Url.GetLeftPart(UriPartial.Path), page.Query("state")));
        Assert.DoesNotContain("Alice", (await flow.Browser.GoAsync("/")).Text);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task An_id_token_of_this_session_is_proof_and_names_the_client_and_does_not_stay_in_the_url(string method)
    {
        var flow = stack.Flow();
        var idToken = (await flow.TokensAsync(flow.Request("mcp:tools openid"))).Text("id_token")!;
        var page = await SignOutWithAsync(flow, idToken, method);
        Assert.Equal((stack.Client.AfterLogout, "back"), (page.Url.GetLeftPart(UriPartial.Path), page.Query("state")));
        Assert.DoesNotContain("Alice", (await flow.Browser.GoAsync("/")).Text);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task An_id_token_of_another_session_names_the_client_and_the_person_is_asked_first(string method)
    {
        var elsewhere = stack.Flow();
        var idToken = (await elsewhere.TokensAsync(elsewhere.Request("mcp:tools openid"))).Text("id_token")!;
        var flow = stack.Flow();
        await flow.TokensAsync();
        var page = await SignOutWithAsync(flow, idToken, method);
        Assert.Contains("Test client", page.Html.QuerySelector("[data-testid=asked-by]")!.TextContent);
        Assert.DoesNotContain(idToken, page.Url.AbsoluteUri);
        Assert.Contains("Alice", (await flow.Browser.GoAsync("/")).Text);
    }

    [Fact]
    public async Task An_id_token_that_is_not_ours_is_no_proof_and_does_not_stay_in_the_url()
    {
        var flow = stack.Flow();
        var idToken = (await flow.TokensAsync(flow.Request("mcp:tools openid"))).Text("id_token")!;
        var forged = idToken[..^20] + new string('A', 20);
        var page = await SignOutWithAsync(flow, forged, "GET");
        Assert.Contains("Sign out?", page.Text);
        Assert.DoesNotContain(forged, page.Url.AbsoluteUri);
        Assert.Contains("Alice", (await flow.Browser.GoAsync("/")).Text);
    }

    [Fact]
    public async Task What_is_too_long_for_a_url_is_refused_in_words()
    {
        var parameters = Parameters("whatever");
        parameters["state"] = new string('\u00FC', 2000);
        var page = await PostFromElsewhereAsync(stack.Flow(), parameters);
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Contains("too long", page.Text);
    }

    [Fact]
    public async Task An_end_session_request_is_stored_nowhere()
    {
        var flow = stack.Flow();
        await flow.TokensAsync();
        var before = await StoredAsync();
        Assert.Contains("Sign out?", (await flow.Browser.GoAsync(Url("another-session"))).Text);
        await PostFromElsewhereAsync(flow, Parameters("another-session"));
        using var stranger = new TestBrowser(stack.Server.Issuer);
        await stranger.GoAsync(Url("whatever"));
        await stranger.GoAsync("/connect/logout?unknown=" + new string('x', 4000));
        Assert.Equal(before, await StoredAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another-session")]
    public async Task Without_the_right_hint_the_person_is_asked_first(string? hint)
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        var page = await flow.Browser.GoAsync(Url(hint));
        Assert.Contains("Test client", page.Html.QuerySelector("[data-testid=asked-by]")!.TextContent);
        Assert.Contains("localhost", page.Html.QuerySelector("[data-testid=then]")!.TextContent);
        tokens = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, tokens.Status);

        page = await flow.Browser.SubmitAsync(page, []);
        Assert.Contains("You are signed out", page.Text, StringComparison.Ordinal);
        Assert.Equal($"{stack.Client.AfterLogout}?state=back", page.Html.QuerySelector("[data-testid=leave]")!.GetAttribute("href"));
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
    }

    [Fact]
    public async Task A_standalone_grant_lives_on_and_carries_no_sid()
    {
        var flow = stack.Flow();
        var bound = await flow.TokensAsync(flow.Request("mcp:tools openid"));
        var standalone = await flow.TokensAsync(flow.Request("mcp:tools offline_access"));
        Assert.DoesNotContain(standalone.Access.Claims, claim => claim.Type == "sid");
        await flow.Browser.GoAsync(Url(bound.Access.GetClaim("sid").Value));
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(bound.RefreshToken))).Error);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(standalone.RefreshToken))).Status);
    }

    [Fact]
    public async Task A_cookie_of_an_ended_session_is_nobody()
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        var stolen = flow.Browser.Cookies["__Host-authserver-session"];
        await flow.Browser.GoAsync(Url(tokens.Access.GetClaim("sid").Value));
        flow.Browser.Cookies["__Host-authserver-session"] = stolen;
        Assert.DoesNotContain("Alice", (await flow.Browser.GoAsync("/")).Text);
    }

    [Fact]
    public async Task A_return_that_is_not_registered_is_refused()
    {
        var flow = stack.Flow();
        var page = await flow.Browser.GoAsync($"/connect/logout?client_id={Uri.EscapeDataString(stack.Client.Id)}&post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F");
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
    }

    [Fact]
    public async Task Signing_out_on_the_home_page_ends_on_a_page_of_ours()
    {
        var flow = stack.Flow();
        await flow.SignInAsync(await flow.Browser.GoAsync("/sign-in"));
        var page = await flow.Browser.SubmitAsync(await flow.Browser.GoAsync("/sign-out"), []);
        Assert.Equal("/signed-out", page.Url.AbsolutePath);
    }

    [Fact]
    public async Task A_browser_without_a_session_is_not_redirected_to_where_a_client_of_its_own_making_wants()
    {
        var page = await stack.Flow().Browser.GoAsync(Url("whatever"));
        Assert.Equal("/connect/logout", page.Url.AbsolutePath);
        Assert.Equal($"{stack.Client.AfterLogout}?state=back", page.Html.QuerySelector("[data-testid=leave]")!.GetAttribute("href"));
    }

    /// <summary>As libraries for OpenID Connect do it: the ID token says whose request it is.</summary>
    private Task<Page> SignOutWithAsync(Flow flow, string idToken, string method)
    {
        var parameters = Parameters(hint: null);
        parameters.Remove("client_id");
        parameters["id_token_hint"] = idToken;
        return method == "POST" ? PostFromElsewhereAsync(flow, parameters) : flow.Browser.GoAsync(Url(parameters));
    }

    private string Url(string? hint) => Url(Parameters(hint));

    private static string Url(Dictionary<string, string?> parameters) =>
        "/connect/logout?" + string.Join('&', parameters.Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value!)}"));

    private Dictionary<string, string?> Parameters(string? hint)
    {
        var parameters = new Dictionary<string, string?>
        {
            ["client_id"] = stack.Client.Id,
            ["post_logout_redirect_uri"] = stack.Client.AfterLogout,
            ["state"] = "back",
        };
        if (hint is not null)
        {
            parameters["logout_hint"] = hint;
        }

        return parameters;
    }

    private static async Task<Page> PostFromElsewhereAsync(Flow flow, Dictionary<string, string?> parameters)
    {
        using var response = new HttpResponseMessage();
        var form = new HtmlParser().ParseDocument($"<form method=post action='{flow.Server.Issuer}/connect/logout'></form>");
        return await flow.Browser.SubmitAsync(new Page(HttpStatusCode.OK, new Uri("https://client.example/page"), form, response), parameters);
    }

    private async Task<int> StoredAsync()
    {
        using var scope = stack.Server.Scope();
        return await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Tokens.CountAsync(TestContext.Current.CancellationToken);
    }
}
