using System.Net;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ClientWeb.Tests.Browsing;
using McpAspire.ClientWeb.Tests.Fakes;
using Xunit;

namespace McpAspire.ClientWeb.Tests.SigningIn;

public sealed class SigningInTests(World world) : IClassFixture<World>
{
    [Fact]
    public async Task The_start_page_says_where_signing_in_leads()
    {
        using var browser = new TestBrowser(world.ClientWeb.Url);
        await browser.OpenAsync("/");

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains(new Uri(world.AuthorizationServer.Issuer).Authority, browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_in_shows_who_is_signed_in()
    {
        using var browser = await world.SignInAsync();

        Assert.Equal(world.ClientWeb.Url + "/", browser.Address.AbsoluteUri);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Fact]
    public async Task The_authorization_request_asks_for_what_the_contract_says()
    {
        using var browser = await world.SignInAsync();

        var request = world.AuthorizationServer.LastAuthorizationRequest!;
        Assert.Equal(world.ClientWeb.Url + "/oauth/client-metadata.json", request["client_id"]);
        Assert.Equal(world.ClientWeb.Url + "/signin/callback", request["redirect_uri"]);
        Assert.Equal(world.McpServer.Url, request["resource"]);
        Assert.Equal("mcp:tools openid profile", request["scope"]);
        Assert.Equal("code", request["response_type"]);
        Assert.Equal("S256", request["code_challenge_method"]);
        Assert.Equal(43, request["code_challenge"].ToString().Length);
        Assert.Equal(43, request["state"].ToString().Length);
        Assert.Equal(43, request["nonce"].ToString().Length);
    }

    [Fact]
    public async Task Cookies_are_host_bound_secure_lax_and_out_of_scripts_reach()
    {
        using var browser = await world.SignInAsync();

        foreach (var name in new[] { SessionCookie.Name, OwnCookies.SignIn, OwnCookies.Antiforgery })
        {
            var attributes = browser.SetCookies[name].ToLowerInvariant();
            Assert.StartsWith("__host-clientweb-", attributes, StringComparison.Ordinal);
            Assert.Contains("; secure", attributes, StringComparison.Ordinal);
            Assert.Contains("; httponly", attributes, StringComparison.Ordinal);
            Assert.Contains("; samesite=lax", attributes, StringComparison.Ordinal);
            Assert.Contains("; path=/", attributes, StringComparison.Ordinal);
            Assert.DoesNotContain("domain=", attributes, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_restart_keeps_the_person_signed_in()
    {
        await using var world2 = new World();
        await world2.InitializeAsync();
        using var browser = await world2.SignInAsync();

        await world2.RestartClientWebAsync();
        await browser.OpenAsync("/");

        Assert.Contains("Alice Adams", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tampered_session_cookie_is_nobodys()
    {
        using var browser = await world.SignInAsync();
        var cookie = browser.Cookies[SessionCookie.Name];
        browser.Cookies[SessionCookie.Name] = cookie[..^6] + (cookie.EndsWith("AAAAAA", StringComparison.Ordinal) ? "BBBBBB" : "AAAAAA");

        await browser.OpenAsync("/");

        Assert.DoesNotContain("Alice Adams", browser.Text, StringComparison.Ordinal);
        Assert.Contains("Sign in", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_in_again_gives_the_session_another_key_and_ends_the_old_one()
    {
        using var browser = await world.SignInAsync();
        var before = world.SessionKeyOf(browser);

        using var signedOut = new TestBrowser(world.ClientWeb.Url);
        await signedOut.OpenAsync("/");
        signedOut.StopBefore = "/signin/callback";
        await signedOut.SubmitAsync("/signin");
        signedOut.StopBefore = null;
        signedOut.Cookies[SessionCookie.Name] = browser.Cookies[SessionCookie.Name];
        await signedOut.OpenAsync(signedOut.StoppedBefore!.AbsoluteUri);

        Assert.NotEqual(before, world.SessionKeyOf(signedOut));
        await browser.OpenAsync("/");
        Assert.DoesNotContain("Alice Adams", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_its_antiforgery_token_is_refused()
    {
        using var browser = new TestBrowser(world.ClientWeb.Url);
        await browser.OpenAsync("/");
        browser.Cookies.Remove(OwnCookies.Antiforgery);
        await browser.SubmitAsync("/signin");

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("https://evil.example/")]
    public async Task A_return_path_leads_nowhere_but_here(string path)
    {
        using var browser = new TestBrowser(world.ClientWeb.Url);
        await browser.OpenAsync("/");
        await browser.SubmitAsync("/signin", new() { [SignInEndpoints.ReturnPathField] = path });

        Assert.Equal(world.ClientWeb.Url + "/", browser.Address.AbsoluteUri);
    }

    [Fact]
    public async Task A_return_path_that_is_too_long_leads_to_the_start()
    {
        using var browser = new TestBrowser(world.ClientWeb.Url);
        await browser.OpenAsync("/");
        await browser.SubmitAsync("/signin", new() { [SignInEndpoints.ReturnPathField] = "/?" + new string('x', 2047) });

        Assert.Equal(world.ClientWeb.Url + "/", browser.Address.AbsoluteUri);
    }
}
