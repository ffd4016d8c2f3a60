using System.Net;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

/// <summary>How an application says who should sign in, and how (OpenID Connect Core §3.1.2.1).</summary>
public sealed class PromptTests(ConfiguredSurroundings stack) : IClassFixture<ConfiguredSurroundings>
{
    [Fact]
    public async Task The_metadata_names_the_prompts()
    {
        var metadata = await Answer.OfAsync(await stack.Server.Client.GetAsync("/.well-known/openid-configuration", TestContext.Current.CancellationToken));
        Assert.Equal(["consent", "login", "none", "select_account"], metadata.Json.GetProperty("prompt_values_supported").EnumerateArray().Select(value => value.GetString()));
    }

    [Fact]
    public async Task Select_account_lets_the_person_sign_in_as_another()
    {
        var flow = stack.Flow();
        await flow.TokensAsync();
        stack.Server.Time.Advance(TimeSpan.FromMinutes(1));
        var request = flow.Request("mcp:tools openid");
        request["prompt"] = "select_account consent";
        var page = await flow.AuthorizeAsync(request);
        Assert.Equal("/sign-in", page.Url.AbsolutePath);
        page = await flow.FinishAsync(page, "bob");
        Assert.NotNull(page.Query("code"));
    }

    [Fact]
    public async Task A_login_hint_stands_in_the_form()
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["login_hint"] = "bob";
        var page = await flow.AuthorizeAsync(request);
        Assert.Equal("bob", page.Html.GetElementById("username")!.GetAttribute("value"));
        Assert.Equal("password", Assert.Single(page.Html.QuerySelectorAll("[autofocus]")).Id);
    }

    [Fact]
    public async Task An_id_token_hint_of_the_person_who_is_signed_in_changes_nothing_also_once_it_expired()
    {
        var flow = stack.Flow();
        var hint = (await flow.TokensAsync()).Text("id_token");
        stack.Server.Time.Advance(TimeSpan.FromHours(1));
        var request = flow.Request();
        request["id_token_hint"] = hint;
        request["prompt"] = "none";
        Assert.NotNull((await flow.AuthorizeAsync(request)).Query("code"));
    }

    [Fact]
    public async Task An_id_token_hint_of_another_person_is_login_required_with_prompt_none_and_else_a_sign_in()
    {
        var flow = stack.Flow();
        var hint = (await flow.TokensAsync()).Text("id_token");
        var other = stack.Flow();
        await other.SignInAsync(await other.Browser.GoAsync("/sign-in"), "bob");
        stack.Server.Time.Advance(TimeSpan.FromMinutes(1));

        var request = other.Request();
        request["id_token_hint"] = hint;
        request["prompt"] = "none";
        Assert.Equal("login_required", (await other.AuthorizeAsync(request)).Query("error"));

        request["prompt"] = null;
        var page = await other.AuthorizeAsync(request);
        Assert.Equal("/sign-in", page.Url.AbsolutePath);
        page = await other.SignInAsync(page, "bob");
        Assert.Equal((HttpStatusCode.BadRequest, stack.Server.Port), (page.Status, page.Url.Port));
        Assert.StartsWith("login_required:", page.Html.QuerySelector("[data-testid=error-detail]")!.TextContent);

        stack.Server.Time.Advance(TimeSpan.FromMinutes(1));
        page = await other.SignInAsync(await other.AuthorizeAsync(request), "alice");
        Assert.NotNull(page.Query("code"));
        Assert.DoesNotContain(stack.Server.Logs.Lines, line => line.Contains(hint!));
    }

    [Fact]
    public async Task An_id_token_hint_that_is_not_an_ID_token_of_ours_for_this_client_is_refused()
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        foreach (var hint in new[] { tokens.AccessToken, stack.Client.Assertion(stack.Server.Issuer, stack.Server.Time.GetUtcNow(), type: "JWT") })
        {
            var request = flow.Request();
            request["id_token_hint"] = hint;
            Assert.Equal(HttpStatusCode.BadRequest, (await flow.AuthorizeAsync(request)).Status);
        }

        var foreign = ConfiguredSurroundings.RequestOf(flow, ConfiguredSurroundings.PublicId);
        foreign["id_token_hint"] = tokens.Text("id_token");
        Assert.Equal("invalid_request", (await flow.AuthorizeAsync(foreign)).Query("error"));
    }
}
