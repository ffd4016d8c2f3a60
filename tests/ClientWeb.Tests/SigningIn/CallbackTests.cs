using System.Net;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ClientWeb.Tests.Browsing;
using McpAspire.ClientWeb.Tests.Fakes;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace McpAspire.ClientWeb.Tests.SigningIn;

/// <summary>What comes back from the authorization server is judged before anything of it is used.</summary>
public sealed class CallbackTests : IAsyncLifetime
{
    private readonly World _world = new();

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public Task An_answer_with_another_state_is_refused() =>
        IsRefusedAsync(response => response["state"] = "another", "belongs to no sign-in");

    [Fact]
    public Task An_answer_without_state_is_refused() =>
        IsRefusedAsync(response => response.Remove("state"), "belongs to no sign-in");

    [Fact]
    public Task An_answer_of_another_issuer_is_refused() =>
        IsRefusedAsync(response => response["iss"] = "https://evil.example", "does not come from");

    [Fact]
    public Task An_answer_without_iss_is_refused_where_the_metadata_promises_it() =>
        IsRefusedAsync(response => response.Remove("iss"), "does not come from");

    [Fact]
    public Task An_error_of_another_issuer_is_not_shown() => IsRefusedAsync(
        response => (response["iss"], response["error"], response["error_description"]) = ("https://evil.example", "access_denied", "call 555-1234"),
        "does not come from", without: "555-1234");

    [Fact]
    public Task A_refusal_is_shown_in_plain_words() =>
        IsRefusedAsync(response => (response["code"], response["error"]) = (null, "access_denied"), "Access was not allowed");

    [Fact]
    public Task A_code_that_was_never_given_is_refused() =>
        IsRefusedAsync(response => response["code"] = "invented", "invalid_grant");

    [Fact]
    public async Task An_answer_without_iss_is_taken_where_the_metadata_does_not_promise_it()
    {
        _world.AuthorizationServer.ChangeMetadata = metadata => metadata.Remove("authorization_response_iss_parameter_supported");
        _world.AuthorizationServer.ChangeResponse = response => response.Remove("iss");

        using var browser = await _world.SignInAsync();
    }

    [Fact]
    public async Task An_answer_counts_once()
    {
        using var browser = await StopBeforeCallbackAsync();
        var callback = browser.StoppedBefore!.AbsoluteUri;
        await browser.OpenAsync(callback);
        Assert.Contains("Alice Adams", browser.Text, StringComparison.Ordinal);

        await browser.OpenAsync(callback);

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("belongs to no sign-in", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_in_another_browser_is_refused()
    {
        using var browser = await StopBeforeCallbackAsync();
        using var other = new TestBrowser(_world.ClientWeb.Url);
        await other.OpenAsync(browser.StoppedBefore!.AbsoluteUri);

        Assert.Equal(HttpStatusCode.BadRequest, other.Status);
        Assert.Contains("another browser", other.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(SessionCookie.Name, other.Cookies.Keys);

        // And it leaves the sign-in to whom it belongs.
        await browser.OpenAsync(browser.StoppedBefore!.AbsoluteUri);
        Assert.Contains("Alice Adams", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public Task An_id_token_with_another_nonce_is_refused() => IdTokenIsRefusedAsync(claims => claims["nonce"] = "another", "nonce");

    [Fact]
    public Task An_id_token_for_another_client_is_refused() => IdTokenIsRefusedAsync(claims => claims["aud"] = "another", "another application");

    [Fact]
    public Task An_id_token_of_another_issuer_is_refused() => IdTokenIsRefusedAsync(claims => claims["iss"] = "https://evil.example", "issuer");

    [Fact]
    public Task An_expired_id_token_is_refused() => IdTokenIsRefusedAsync(
        claims => claims["exp"] = DateTimeOffset.UtcNow.AddSeconds(-40).ToUnixTimeSeconds(), "expired");

    [Fact]
    public async Task An_id_token_that_expired_within_the_skew_is_taken()
    {
        _world.AuthorizationServer.ChangeIdToken = claims => claims["exp"] = DateTimeOffset.UtcNow.AddSeconds(-10).ToUnixTimeSeconds();

        using var browser = await _world.SignInAsync();
    }

    [Fact]
    public Task An_id_token_without_expiry_is_refused() => IdTokenIsRefusedAsync(claims => claims.Remove("exp"), "expired");

    [Fact]
    public Task An_id_token_without_a_person_is_refused() => IdTokenIsRefusedAsync(claims => claims.Remove("sub"), "names nobody");

    [Fact]
    public Task An_id_token_signed_with_a_shared_secret_is_refused()
    {
        _world.AuthorizationServer.OtherIdTokenKey = new SigningCredentials(
            new SymmetricSecurityKey(new byte[32]) { KeyId = "id-token-key" }, SecurityAlgorithms.HmacSha256);
        return IdTokenIsRefusedAsync(_ => { }, "not valid");
    }

    [Fact]
    public async Task A_sign_in_whose_keys_are_not_answered_leaves_no_grant_behind()
    {
        using var browser = await StopBeforeCallbackAsync();
        _world.AuthorizationServer.AreKeysDown = true;

        await browser.OpenAsync(browser.StoppedBefore!.AbsoluteUri);

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        AssertRevoked();
    }

    private async Task IdTokenIsRefusedAsync(Action<Dictionary<string, object>> change, string because)
    {
        _world.AuthorizationServer.ChangeIdToken = change;
        await IsRefusedAsync(_ => { }, because);
        AssertRevoked();
    }

    // Its grant is of no use to anybody.
    private void AssertRevoked() =>
        Assert.StartsWith("refresh-", _world.AuthorizationServer.LastRevocation?["token"].ToString(), StringComparison.Ordinal);

    private async Task IsRefusedAsync(Action<Dictionary<string, string?>> change, string because, string? without = null)
    {
        _world.AuthorizationServer.ChangeResponse = change;
        using var browser = new TestBrowser(_world.ClientWeb.Url);
        await browser.OpenAsync("/");
        await browser.SubmitAsync("/signin");

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains(because, browser.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(SessionCookie.Name, browser.Cookies.Keys);
        if (without is not null)
        {
            Assert.DoesNotContain(without, browser.Html, StringComparison.Ordinal);
        }
    }

    private async Task<TestBrowser> StopBeforeCallbackAsync()
    {
        var browser = new TestBrowser(_world.ClientWeb.Url) { StopBefore = "/signin/callback" };
        await browser.OpenAsync("/");
        await browser.SubmitAsync("/signin");
        browser.StopBefore = null;
        return browser;
    }
}
