using System.Net;
using McpAspire.AuthServer.Tests.Running;

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

    private string Url(string? hint) =>
        $"/connect/logout?client_id={Uri.EscapeDataString(stack.Client.Id)}&post_logout_redirect_uri={Uri.EscapeDataString(stack.Client.AfterLogout)}&state=back"
        + (hint is null ? "" : $"&logout_hint={hint}");
}
