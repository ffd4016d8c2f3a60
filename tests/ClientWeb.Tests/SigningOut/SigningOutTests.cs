using System.Net;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ClientWeb.Tests.Browsing;
using McpAspire.ClientWeb.Tests.Fakes;
using Xunit;

namespace McpAspire.ClientWeb.Tests.SigningOut;

public sealed class SigningOutTests : IAsyncLifetime
{
    private readonly World _world = new();

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Signing_out_ends_the_session_revokes_the_grant_and_goes_to_the_authorization_server()
    {
        using var browser = await _world.SignInAsync();
        var cookie = browser.Cookies[SessionCookie.Name];

        await browser.SubmitAsync("/signout");

        Assert.Contains("You are signed out", browser.Text, StringComparison.Ordinal);
        Assert.StartsWith(_world.ClientWeb.Url + "/signout/callback", browser.Address.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal("refresh_token", _world.AuthorizationServer.LastRevocation!["token_type_hint"]);
        Assert.StartsWith("refresh-", _world.AuthorizationServer.LastRevocation["token"].ToString(), StringComparison.Ordinal);
        Assert.Contains(_world.ClientWeb.Logs.Lines, line =>
            line.Contains($"Signed out: person-1 of {_world.AuthorizationServer.Issuer}", StringComparison.Ordinal));

        browser.Cookies[SessionCookie.Name] = cookie;
        await browser.OpenAsync("/");
        Assert.DoesNotContain("Alice Adams", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_session_request_names_the_session_without_a_token()
    {
        using var browser = await _world.SignInAsync();
        await browser.SubmitAsync("/signout");

        var request = _world.AuthorizationServer.LastLogoutRequest!;
        Assert.Equal(["client_id", "logout_hint", "post_logout_redirect_uri", "state"], request.Keys.Order());
        Assert.Equal("session-1", request["logout_hint"]);
        Assert.Equal(_world.ClientWeb.Url + "/signout/callback", request["post_logout_redirect_uri"]);
        Assert.Equal(_world.ClientWeb.Url + "/oauth/client-metadata.json", request["client_id"]);
    }

    [Fact]
    public async Task The_end_of_a_sign_out_that_nobody_began_is_refused()
    {
        using var browser = new TestBrowser(_world.ClientWeb.Url);
        await browser.OpenAsync("/signout/callback?state=invented");

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
    }

    [Fact]
    public async Task Signing_out_works_while_the_authorization_server_is_away_and_says_what_that_means()
    {
        using var browser = await _world.SignInAsync();
        await _world.AuthorizationServer.DisposeAsync();

        await browser.SubmitAsync("/signout");

        Assert.Contains("You are signed out here", browser.Text, StringComparison.Ordinal);
        Assert.Contains("you may still be signed in there", browser.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(SessionCookie.Name, browser.Cookies.Keys);
    }

    [Fact]
    public async Task A_sign_out_that_another_site_posts_is_refused()
    {
        using var browser = await _world.SignInAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, _world.ClientWeb.Url + "/signout");
        request.Headers.Add("Cookie", $"{SessionCookie.Name}={browser.Cookies[SessionCookie.Name]}");
        request.Headers.Add("Origin", "http://localhost:1");

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        await browser.OpenAsync("/");
        Assert.Contains("Alice Adams", browser.Text, StringComparison.Ordinal);
    }
}
