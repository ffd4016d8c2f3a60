using System.Net;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests.Federation;

public sealed class GitHubTests
{
    [Fact]
    public async Task A_person_signs_in_and_is_the_number_that_GitHub_gives_them()
    {
        await using var stack = await SignInAtGitHub.StartAsync();
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        Assert.Equal("Alice of GitHub", tokens.Access.GetClaim("name").Value);
        Assert.Equal("primary@example.com", tokens.Identity.GetClaim("email").Value);
        Assert.Equal("octo-alice", tokens.Identity.GetClaim("preferred_username").Value);
        var (account, link) = stack.Person();
        Assert.Equal(("github", "583231", account.Id), (link.Provider, link.Subject, tokens.Access.Subject));

        stack.GitHub.User["login"] = "alice-renamed";
        using var again = stack.Flow().Browser;
        await again.GoAsync("/sign-in");
        Assert.Equal((account.Id, "alice-renamed"), (stack.Person().Account.Id, stack.Person().Account.UpstreamUserName));
    }

    [Fact]
    public async Task GitHub_is_asked_with_PKCE_and_its_own_scopes_and_for_nothing_of_OpenID()
    {
        await using var stack = await SignInAtGitHub.StartAsync();
        using var browser = stack.Flow().Browser;
        await browser.GoAsync("/sign-in");
        Assert.True(stack.GitHub.AuthorizeRequests.TryDequeue(out var asked));
        Assert.Equal(("read:user user:email", "S256", "code"), (asked["scope"].ToString(), asked["code_challenge_method"].ToString(), asked["response_type"].ToString()));
        Assert.Equal($"{stack.Server.Issuer}/sign-in/github/callback", asked["redirect_uri"]);
        Assert.False(asked.ContainsKey("nonce"));
        Assert.True(stack.GitHub.TokenRequests.TryDequeue(out var redeemed));
        Assert.NotEmpty(redeemed["code_verifier"]);
        Assert.DoesNotContain(browser.Cookies.Keys, name => name.Contains("correlation"));
    }

    [Fact]
    public async Task Who_has_no_name_is_called_by_the_login()
    {
        await using var stack = await SignInAtGitHub.StartAsync();
        stack.GitHub.User["name"] = null;
        stack.GitHub.User["email"] = null;
        using var browser = stack.Flow().Browser;
        Assert.Contains("octo-alice", (await browser.GoAsync("/sign-in")).Text);
        Assert.Equal(("octo-alice", "primary@example.com"), (stack.Person().Account.Name, stack.Person().Account.Email));
    }

    [Fact]
    public async Task A_primary_address_that_is_not_verified_is_not_taken_nor_is_another_in_its_place()
    {
        await using var stack = await SignInAtGitHub.StartAsync();
        stack.GitHub.Emails[1] = new { email = "primary@example.com", primary = true, verified = false };
        using var browser = stack.Flow().Browser;
        await browser.GoAsync("/sign-in");
        Assert.Null(stack.Person().Account.Email);
    }

    [Fact]
    public async Task Without_the_scope_for_addresses_the_one_of_the_profile_is_not_taken()
    {
        await using var stack = await SignInAtGitHub.StartAsync(("SignIn:Providers:github:Scopes", "read:user"));
        using var browser = stack.Flow().Browser;
        await browser.GoAsync("/sign-in");
        Assert.Null(stack.Person().Account.Email);
    }

    [Theory]
    [InlineData("bad_verification_code", HttpStatusCode.BadRequest, "could not be finished")]
    [InlineData("incorrect_client_credentials", HttpStatusCode.BadGateway, "does not work now")]
    [InlineData("redirect_uri_mismatch", HttpStatusCode.BadGateway, "does not work now")]
    public async Task An_error_of_the_token_endpoint_comes_with_200_and_is_noticed(string error, HttpStatusCode status, string said)
    {
        await using var stack = await SignInAtGitHub.StartAsync();
        stack.GitHub.TokenError = error;
        using var browser = stack.Flow().Browser;
        var page = await browser.GoAsync("/sign-in");
        Assert.Equal(status, page.Status);
        Assert.Contains(said, page.Text);
        Assert.DoesNotContain(SessionCookie.Name, browser.Cookies.Keys);
        Assert.Equal(status == HttpStatusCode.BadGateway, stack.Server.Logs.Lines.Any(line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains(error)));
    }

    [Fact]
    public async Task Who_says_no_at_GitHub_gets_a_page_with_a_way_on()
    {
        await using var stack = await SignInAtGitHub.StartAsync();
        stack.GitHub.Refusal = "access_denied";
        var flow = stack.Flow();
        var page = await flow.AuthorizeAsync();
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Contains("You did not sign in", page.Text);
        stack.GitHub.Refusal = null;
        page = await flow.Browser.GoAsync(page.Html.QuerySelector("[data-testid=way]")!.GetAttribute("href")!);
        Assert.NotNull(page.Html.QuerySelector("[data-testid=allow]"));
    }

    [Fact]
    public async Task A_GitHub_that_is_down_on_the_way_back_is_said()
    {
        await using var stack = await SignInAtGitHub.StartAsync(("SignIn:Providers:github:TokenEndpoint", "http://localhost:9/"));
        var page = await stack.Flow().Browser.GoAsync("/sign-in");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status);
        Assert.Contains("GitHub can't be reached now", page.Text);
    }

    [Fact]
    public async Task No_code_token_or_secret_reaches_the_logs()
    {
        await using var stack = await SignInAtGitHub.StartAsync();
        var flow = stack.Flow();
        await flow.TokensAsync();
        string[] secrets = [.. stack.GitHub.Secrets, GitHubDouble.ClientSecret, stack.GitHub.TokenRequests.Single()["code_verifier"]];
        Assert.Equal(4, secrets.Length);
        Assert.All(secrets, secret => Assert.DoesNotContain(stack.Server.Logs.Lines, line => line.Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_session_ends_by_its_age_and_an_application_that_stays_connected_by_the_last_sign_in()
    {
        await using var stack = await SignInAtGitHub.StartAsync(
            ("SignIn:Providers:github:MaxSessionAge", "02:00:00"), ("SignIn:Providers:github:OfflineLifetime", "10.00:00:00"));
        var flow = stack.Flow();
        var bound = await flow.TokensAsync();
        var alone = await flow.TokensAsync(flow.Request(Flow.AllScopes + " offline_access"));
        Assert.Single(stack.GitHub.AuthorizeRequests);
        stack.Server.Time.Advance(TimeSpan.FromMinutes(121));
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(bound.RefreshToken))).Error);
        alone = await flow.TokenAsync(Flow.RefreshRequest(alone.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, alone.Status);
        stack.Server.Time.Advance(TimeSpan.FromDays(10));
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(alone.RefreshToken))).Error);
    }
}
