using System.Net;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Federation;

public sealed class LinkTests
{
    private static readonly (string, string) BothWays = ("SignIn:BuiltInAccounts", "true");

    [Fact]
    public async Task Several_ways_to_sign_in_are_offered_on_one_page()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: BothWays);
        var flow = stack.Flow();
        var page = await flow.AuthorizeAsync();
        Assert.Equal("/sign-in", page.Url.AbsolutePath);
        Assert.NotNull(page.Html.QuerySelector("#password"));
        page = await flow.Browser.GoAsync(page.Html.QuerySelector("[data-testid=provider]")!.GetAttribute("href")!);
        Assert.NotNull(page.Html.QuerySelector("[data-testid=allow]"));
    }

    [Fact]
    public async Task The_same_e_mail_address_is_not_the_same_person()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: BothWays);
        stack.Provider.Claims = claims => claims["email"] = "alice@example.com";
        using var browser = stack.Flow().Browser;
        await browser.GoAsync("/sign-in/liar");
        using var scope = stack.Server.Scope();
        var accounts = scope.ServiceProvider.GetRequiredService<AuthDbContext>().Accounts.Where(account => account.Email == "alice@example.com").ToArray();
        Assert.Equal(2, accounts.Length);
    }

    [Fact]
    public async Task A_signed_in_person_links_a_provider_and_signs_in_with_it_after()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: BothWays);
        using var browser = stack.Flow().Browser;
        await SignInWithPasswordAsync(browser);
        await PostAsync(stack, browser, "/account/links/liar");
        Assert.Equal(AccountOf(stack, "alice"), LinkedTo(stack));

        using var other = stack.Flow().Browser;
        await other.GoAsync("/sign-in/liar");
        using var scope = stack.Server.Scope();
        Assert.Equal(3, scope.ServiceProvider.GetRequiredService<AuthDbContext>().Accounts.Count());
    }

    [Fact]
    public async Task Before_a_link_the_person_signs_in_anew_and_after_it_they_see_which_account_it_is()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: BothWays);
        using var browser = stack.Flow().Browser;
        await SignInWithPasswordAsync(browser);
        Assert.Null((await browser.GoAsync("/account/password")).Html.QuerySelector("[data-testid=ways-that-stay]"));
        stack.Server.Time.Advance(TimeSpan.FromSeconds(5));

        var page = await PostAsync(stack, browser, "/account/links/liar");
        Assert.Equal("/sign-in", page.Url.AbsolutePath);
        Assert.NotNull(page.Html.QuerySelector("[data-testid=before-link]"));
        Assert.Equal("/sign-in", (await browser.GoAsync("/account/links/confirm")).Url.AbsolutePath);
        Assert.Empty(stack.Provider.AuthorizeRequests);
        Assert.Null(LinkedTo(stack));

        page = await browser.SubmitAsync(page, new() { ["username"] = "alice", ["password"] = "alice" });
        Assert.Contains("alice@upstream.example", page.Html.QuerySelector("[data-testid=linked]")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(AccountOf(stack, "alice"), LinkedTo(stack));
        foreach (var path in new[] { "/account/password", "/account/sign-out-everywhere" })
        {
            Assert.Contains("The liar", (await browser.GoAsync(path)).Html.QuerySelector("[data-testid=ways-that-stay]")!.TextContent, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_signs_in_as_another_person_before_a_link_links_nothing()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: BothWays);
        using var browser = stack.Flow().Browser;
        await SignInWithPasswordAsync(browser);
        stack.Server.Time.Advance(TimeSpan.FromSeconds(5));
        var page = await PostAsync(stack, browser, "/account/links/liar");
        page = await browser.SubmitAsync(page, new() { ["username"] = "bob", ["password"] = "bob" });
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        await browser.GoAsync("/account/links/confirm");
        Assert.Null(LinkedTo(stack));
    }

    [Fact]
    public async Task A_copied_cookie_and_its_owners_next_sign_in_make_no_link()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: BothWays);
        using var browser = stack.Flow().Browser;
        await SignInWithPasswordAsync(browser);
        using var thief = browser.Copy();
        stack.Server.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("/sign-in", (await PostAsync(stack, thief, "/account/links/liar")).Url.AbsolutePath);
        stack.Server.Time.Advance(TimeSpan.FromSeconds(5));
        await SignInWithPasswordAsync(browser);
        Assert.Equal("/sign-in", (await thief.GoAsync("/account/links/confirm")).Url.AbsolutePath);
        Assert.Null(LinkedTo(stack));
    }

    [Fact]
    public async Task A_link_that_waits_at_the_provider_is_lost_where_the_person_signed_in_anew_meanwhile()
    {
        // The form brings no session cookie: what the browser had when it left must still be good.
        await using var stack = await SignInAtLiar.StartAsync(settings: [BothWays, ("SignIn:Providers:liar:ResponseMode", "form_post")]);
        using var browser = stack.Flow().Browser;
        await SignInWithPasswordAsync(browser);
        var form = await PostAsync(stack, browser, "/account/links/liar");
        Assert.Contains("/sign-in/liar/callback", form.Html.Forms[0].GetAttribute("action"));
        await SignInWithPasswordAsync(browser);
        Assert.Contains("could not be finished", (await browser.SubmitAsync(form, [])).Text);
        Assert.Null(LinkedTo(stack));
    }

    [Fact]
    public async Task A_person_of_a_provider_who_is_another_account_is_not_linked()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: BothWays);
        using var first = stack.Flow().Browser;
        await first.GoAsync("/sign-in/liar");
        var owner = LinkedTo(stack);
        using var second = stack.Flow().Browser;
        await SignInWithPasswordAsync(second);
        var page = await PostAsync(stack, second, "/account/links/liar");
        Assert.Equal(HttpStatusCode.Conflict, page.Status);
        Assert.Equal(owner, LinkedTo(stack));
    }

    [Fact]
    public async Task The_last_way_in_can_not_be_removed()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: BothWays);
        using var browser = stack.Flow().Browser;
        await browser.GoAsync("/sign-in/liar");
        var account = await browser.GoAsync("/account");
        Assert.Contains("your only way in", account.Text);
        Assert.DoesNotContain(account.Html.Forms, form => form.Action.EndsWith("/links/liar/remove", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(stack, browser, "/account/links/liar/remove")).Status);
        Assert.NotNull(LinkedTo(stack));

        using var withPassword = stack.Flow().Browser;
        await SignInWithPasswordAsync(withPassword);
        stack.Provider.Subject = "upstream-second";
        await PostAsync(stack, withPassword, "/account/links/liar");
        account = await withPassword.GoAsync("/account");
        Assert.Contains(account.Html.Forms, form => form.Action.EndsWith("/links/liar/remove", StringComparison.Ordinal));
        Assert.NotEqual(HttpStatusCode.Conflict, (await PostAsync(stack, withPassword, "/account/links/liar/remove")).Status);
        Assert.NotEqual(AccountOf(stack, "alice"), LinkedTo(stack));
    }

    [Fact]
    public async Task What_hangs_on_a_provider_ends_when_it_is_unlinked()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: BothWays);
        using var withPassword = stack.Flow().Browser;
        await SignInWithPasswordAsync(withPassword);
        await PostAsync(stack, withPassword, "/account/links/liar");
        var atProvider = stack.Flow();
        await atProvider.Browser.GoAsync("/sign-in/liar");
        var bound = await atProvider.TokensAsync();
        var standalone = await atProvider.TokensAsync(atProvider.Request(Flow.AllScopes + " offline_access"));

        await PostAsync(stack, withPassword, "/account/links/liar/remove");
        Assert.Equal("invalid_grant", (await atProvider.TokenAsync(Flow.RefreshRequest(bound.RefreshToken))).Error);
        Assert.Equal("invalid_grant", (await atProvider.TokenAsync(Flow.RefreshRequest(standalone.RefreshToken))).Error);
        Assert.DoesNotContain("Upstream Alice", (await atProvider.Browser.GoAsync("/")).Text);
        Assert.Contains("Upstream Alice", (await withPassword.GoAsync("/")).Text);
        Assert.Contains(stack.Server.Logs.Lines, line => line.Contains("Unlinked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disabled_account_gets_a_page_that_says_so()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        using var first = stack.Flow().Browser;
        await first.GoAsync("/sign-in");
        using (var scope = stack.Server.Scope())
        {
            var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
            database.Accounts.Single().DisabledAt = stack.Server.Time.GetUtcNow();
            await database.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        using var second = stack.Flow().Browser;
        var page = await second.GoAsync("/sign-in");
        Assert.Equal(HttpStatusCode.Forbidden, page.Status);
        Assert.DoesNotContain(SessionCookie.Name, second.Cookies.Keys);
    }

    [Theory]
    [InlineData("SignIn:Providers:Upper:Issuer", "https://id.example", "lower-case")]
    [InlineData("SignIn:Providers:some:Issuer", "https://id.example", "'SignIn:Providers:some:Type' is 'some'")]
    [InlineData("SignIn:Providers:keycloak:Name", "Work", "'SignIn:Providers:keycloak:Issuer' is missing")]
    [InlineData("SignIn:Providers:keycloak:Issuer", "http://id.example", "plain http")]
    [InlineData("SignIn:Providers:keycloak:Isuer", "https://id.example", "can't be read")]
    [InlineData("SignIn:Providers:entra:Issuer", "https://login.microsoftonline.com/common/v2.0", "of one tenant")]
    [InlineData("SignIn:Providers:google:ClientId", "id", "'SignIn:Providers:google:ClientSecret' is missing")]
    [InlineData("SignIn:BuiltInAccounts", "false", "Nobody could sign in")]
    public void A_setting_that_can_not_work_stops_the_start_and_says_what_to_set(string key, string value, string says)
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationBuilder();
        Microsoft.Extensions.Configuration.MemoryConfigurationBuilderExtensions.AddInMemoryCollection(configuration, [new(key, value)]);
        var exception = Assert.Throws<InvalidOperationException>(() => new AuthServer.Federation.Providers.ProviderSet(configuration.Build(), development: true));
        Assert.Contains(says, exception.Message);
    }

    private static async Task SignInWithPasswordAsync(TestBrowser browser) =>
        await browser.SubmitAsync(await browser.GoAsync("/sign-in"), new() { ["username"] = "alice", ["password"] = "alice" });

    /// <summary>Sends a form of ours, with the antiforgery token of another page, to the address.</summary>
    internal static async Task<Page> PostAsync(SignInAtLiar stack, TestBrowser browser, string path)
    {
        var page = await browser.GoAsync("/sign-in");
        page.Html.Forms[0].SetAttribute("action", stack.Server.Issuer + path);
        return await browser.SubmitAsync(page, []);
    }

    private static string? LinkedTo(SignInAtLiar stack)
    {
        using var scope = stack.Server.Scope();
        return scope.ServiceProvider.GetRequiredService<AuthDbContext>().Links.OrderBy(link => link.CreatedAt).LastOrDefault()?.AccountId;
    }

    private static string AccountOf(SignInAtLiar stack, string userName)
    {
        using var scope = stack.Server.Scope();
        return scope.ServiceProvider.GetRequiredService<AuthDbContext>().Accounts.Single(account => account.UserName == userName).Id;
    }
}
