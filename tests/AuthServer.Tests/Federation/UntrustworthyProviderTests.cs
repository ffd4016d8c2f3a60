using System.Net;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;

namespace McpAspire.AuthServer.Tests.Federation;

public sealed class UntrustworthyProviderTests
{
    [Fact]
    public async Task An_honest_sign_in_has_PKCE_nonce_state_and_an_assertion_for_the_issuer_alone()
    {
        await using var stack = await SignInAtLiar.StartAsync("/");
        using var browser = stack.Flow().Browser;
        var page = await browser.GoAsync("/sign-in");
        Assert.Contains("Upstream Alice", page.Text);

        Assert.True(stack.Provider.AuthorizeRequests.TryDequeue(out var asked));
        Assert.Equal("S256", asked["code_challenge_method"]);
        Assert.NotEmpty(asked["nonce"]);
        Assert.NotEmpty(asked["state"]);
        Assert.Equal($"{stack.Server.Issuer}/sign-in/liar/callback", asked["redirect_uri"]);
        Assert.True(stack.Provider.TokenRequests.TryDequeue(out var redeemed));
        Assert.NotEmpty(redeemed["code_verifier"]);
        var assertion = new JsonWebToken(redeemed["client_assertion"]);
        Assert.Equal([stack.Provider.Issuer], assertion.Audiences);
        Assert.EndsWith("/", stack.Provider.Issuer);
        Assert.Equal(("the-client", "the-client", "ES256", "JWT"), (assertion.Issuer, assertion.Subject, assertion.Alg, assertion.Typ));
        Assert.Equal(TimeSpan.FromSeconds(60), assertion.ValidTo - assertion.IssuedAt);
        Assert.NotEmpty(assertion.Id);
        Assert.DoesNotContain(browser.Cookies.Keys, name => name.Contains("correlation") || name.Contains("nonce"));
    }

    [Theory]
    [InlineData("issuer of the token")]
    [InlineData("issuer of the token with a slash")]
    [InlineData("audience")]
    [InlineData("nonce")]
    [InlineData("no nonce")]
    [InlineData("expired")]
    [InlineData("forged key")]
    [InlineData("no sub")]
    [InlineData("iss parameter")]
    [InlineData("iss parameter with a slash")]
    [InlineData("no iss parameter")]
    [InlineData("state")]
    public async Task A_lie_signs_nobody_in(string lie)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var provider = stack.Provider;
        switch (lie)
        {
            case "issuer of the token": provider.TokenIssuer = "https://evil.example"; break;
            case "issuer of the token with a slash": provider.TokenIssuer = provider.Issuer + "/"; break;
            case "audience": provider.TokenAudience = "another-client"; break;
            case "nonce": provider.Claims = claims => claims["nonce"] = "another"; break;
            case "no nonce": provider.Claims = claims => claims.Remove("nonce"); break;
            case "expired": provider.TokenLifetime = TimeSpan.FromSeconds(-31); break;
            case "forged key": provider.ForgedKey = LyingProvider.NewKey(provider.Key.KeyId); break;
            case "no sub": provider.Claims = claims => claims.Remove("sub"); break;
            case "iss parameter": provider.Redirect = answer => answer["iss"] = "https://evil.example"; break;
            case "iss parameter with a slash": provider.Redirect = answer => answer["iss"] += "/"; break;
            case "no iss parameter": provider.Redirect = answer => answer.Remove("iss"); break;
            case "state": provider.Redirect = answer => answer["state"] += "x"; break;
        }

        using var browser = stack.Flow().Browser;
        var page = await browser.GoAsync("/sign-in");
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.DoesNotContain(SessionCookie.Name, browser.Cookies.Keys);
        Assert.Contains(stack.Server.Logs.Lines, line => line.Contains("Sign-in failed: provider liar"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?state=unknown&code=any")]
    [InlineData("?state=unknown&code=any&iss=https://evil.example")]
    [InlineData("?error=server_error")]
    public async Task A_stranger_at_the_callback_leaves_one_warning_and_sees_a_way_on(string query)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        using var browser = stack.Flow().Browser;
        var before = stack.Server.Logs.Lines.Count;
        var page = await browser.GoAsync("/sign-in/liar/callback" + query);
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Equal("/sign-in/liar", page.Html.QuerySelector("[data-testid=way]")!.GetAttribute("href"));
        var loud = stack.Server.Logs.Lines.Skip(before).Where(line => line.StartsWith("Warning", StringComparison.Ordinal) || line.StartsWith("Error", StringComparison.Ordinal));
        Assert.Contains("Sign-in failed: provider liar", Assert.Single(loud), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_expired_within_the_skew_of_30_seconds_is_taken()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.TokenLifetime = TimeSpan.FromSeconds(-25);
        using var browser = stack.Flow().Browser;
        Assert.Contains("Upstream Alice", (await browser.GoAsync("/sign-in")).Text);
    }

    [Fact]
    public async Task A_provider_may_rotate_its_keys()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        using var first = stack.Flow().Browser;
        await first.GoAsync("/sign-in");
        stack.Server.Time.Advance(TimeSpan.FromMinutes(5));
        // After the sign-in began, so that the keys we just fetched lack it.
        stack.Provider.Redirect = _ =>
        {
            stack.Provider.RotateKey();
            stack.Server.Time.Advance(TimeSpan.FromSeconds(11));
        };
        using var second = stack.Flow().Browser;
        Assert.Contains("Upstream Alice", (await second.GoAsync("/sign-in")).Text);
    }

    [Fact]
    public async Task A_discovery_document_of_another_issuer_is_not_used()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.Discovery["issuer"] = stack.Provider.Issuer + "/";
        var page = await stack.Flow().Browser.GoAsync("/sign-in");
        Assert.Equal(HttpStatusCode.BadGateway, page.Status);
        Assert.Contains(stack.Server.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("'SignIn:Providers:liar:Issuer' is"));
    }

    [Theory]
    [InlineData("HS256", HttpStatusCode.BadGateway)]
    [InlineData("none", HttpStatusCode.BadGateway)]
    [InlineData("ES256", HttpStatusCode.BadRequest)]
    [InlineData("RS256", HttpStatusCode.OK)]
    public async Task A_signature_by_an_algorithm_that_the_provider_does_not_advertise_is_refused(string advertised, HttpStatusCode expected)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.Discovery["id_token_signing_alg_values_supported"] = new[] { advertised };
        using var browser = stack.Flow().Browser;
        // It signs with RS256, by the key that it publishes.
        Assert.Equal(expected, (await browser.GoAsync("/sign-in")).Status);
        Assert.Equal(expected == HttpStatusCode.OK, browser.Cookies.ContainsKey(SessionCookie.Name));
    }

    [Fact]
    public async Task Another_browser_can_not_finish_a_sign_in()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        using var attacker = new TestBrowser(stack.Server.Issuer);
        var atProvider = await attacker.GoAsync("/sign-in");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var callback = (await http.GetAsync(atProvider.Url, TestContext.Current.CancellationToken)).Headers.Location!;

        using var victim = new TestBrowser(stack.Server.Issuer);
        var page = await victim.GoAsync(callback.ToString());
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Contains("could not be finished", page.Text);
        Assert.DoesNotContain(SessionCookie.Name, victim.Cookies.Keys);
        Assert.Empty(stack.Provider.TokenRequests);
    }

    [Fact]
    public async Task A_provider_that_is_down_gets_a_page_of_ours_whose_link_works_once_it_is_back()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        await stack.Provider.StopAsync();
        var page = await flow.AuthorizeAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status);
        Assert.Contains("The liar can't be reached now", page.Text);

        await stack.Provider.StartAsync();
        stack.Server.Time.Advance(TimeSpan.FromSeconds(5));
        page = await flow.Browser.GoAsync(page.Html.QuerySelector("[data-testid=way]")!.GetAttribute("href")!);
        Assert.NotNull(page.Html.QuerySelector("[data-testid=allow]"));
    }

    [Fact]
    public async Task Who_wanted_the_account_page_gets_it_after_the_sign_in_there()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        Assert.Equal("/account", (await stack.Flow().Browser.GoAsync("/account")).Url.AbsolutePath);
    }

    [Fact]
    public async Task However_many_people_try_meanwhile_it_is_looked_at_anew_every_two_seconds()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        await stack.Provider.StopAsync();
        using var browser = stack.Flow().Browser;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await browser.GoAsync("/sign-in")).Status);
        await stack.Provider.StartAsync();
        stack.Server.Time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await browser.GoAsync("/sign-in")).Status);
        stack.Server.Time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Contains("Upstream Alice", (await browser.GoAsync("/sign-in")).Text);
    }

    [Fact]
    public async Task A_refusal_at_the_provider_is_said_with_ways_on()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.Redirect = answer =>
        {
            answer.Remove("code");
            answer["error"] = "access_denied";
        };
        var flow = stack.Flow();
        var page = await flow.AuthorizeAsync();
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Contains("You did not sign in", page.Text);
        stack.Provider.Redirect = _ => { };
        page = await flow.Browser.GoAsync(page.Html.QuerySelector("[data-testid=way]")!.GetAttribute("href")!);
        Assert.NotNull(page.Html.QuerySelector("[data-testid=allow]"));
    }

    [Fact]
    public async Task A_provider_that_does_not_know_us_is_an_operators_business()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.AtToken = async context =>
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await context.Response.WriteAsJsonAsync(new { error = "invalid_client" });
            return true;
        };
        var page = await stack.Flow().Browser.GoAsync("/sign-in");
        Assert.Equal(HttpStatusCode.BadGateway, page.Status);
        Assert.Contains(stack.Server.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("private_key_jwt, ES256"));
    }

    [Fact]
    public async Task What_the_application_wants_of_the_sign_in_goes_to_the_provider_and_is_checked()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        var request = flow.Request();
        request["prompt"] = "login";
        request["login_hint"] = "alice";
        stack.Provider.Claims = claims => claims["auth_time"] = stack.Server.Time.GetUtcNow().AddHours(-1).ToUnixTimeSeconds();
        var page = await flow.AuthorizeAsync(request);
        Assert.True(stack.Provider.AuthorizeRequests.TryDequeue(out var asked));
        Assert.Equal(("login", "alice"), (asked["prompt"], asked["login_hint"]));
        Assert.Contains("You must sign in anew", page.Text);

        stack.Provider.Claims = claims => claims["auth_time"] = stack.Server.Time.GetUtcNow().ToUnixTimeSeconds();
        page = await flow.AuthorizeAsync(request);
        Assert.NotNull(page.Html.QuerySelector("[data-testid=allow]"));
    }

    [Fact]
    public async Task No_secret_of_a_provider_reaches_the_logs_or_the_browser()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync(flow.Request(Flow.AllScopes + " offline_access"));
        stack.Server.Time.Advance(TimeSpan.FromSeconds(61));
        await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        stack.Provider.TokenIssuer = "https://evil.example";
        using var refused = stack.Flow().Browser;
        await refused.GoAsync("/sign-in");

        var secrets = new List<string> { "upstream-access-secret", "upstream-refresh-" };
        secrets.AddRange(stack.Provider.TokenRequests.SelectMany(request => request.Where(field => field.Key is "code" or "client_assertion" or "code_verifier").Select(field => field.Value)));
        secrets.AddRange(stack.Provider.AuthorizeRequests.SelectMany(request => new[] { request["state"], request["nonce"] }));
        Assert.True(secrets.Count > 12);
        Assert.All(secrets, secret => Assert.DoesNotContain(stack.Server.Logs.Lines, line => line.Contains(secret, StringComparison.Ordinal)));
        Assert.All(flow.Browser.Cookies.Keys, name => Assert.Matches("^__Host-authserver-[a-z]+$", name));
    }
}
