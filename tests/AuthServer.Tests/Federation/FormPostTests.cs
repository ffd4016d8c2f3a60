using System.Net;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>A provider whose page posts the answer (OAuth 2.0 Form Post Response Mode): a form of another site, which brings no Lax cookie.</summary>
public sealed class FormPostTests
{
    private static readonly (string, string) FormPost = ("SignIn:Providers:liar:ResponseMode", "form_post");

    [Fact]
    public async Task A_person_signs_in_with_cookies_that_other_sites_forms_bring()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: FormPost);
        var start = await stack.Server.Client.GetAsync("/sign-in/liar", TestContext.Current.CancellationToken);
        var cookies = start.Headers.GetValues("Set-Cookie").ToArray();
        Assert.Equal(2, cookies.Length);
        Assert.All(cookies, cookie =>
        {
            Assert.Matches("^__Host-authserver-(correlation|nonce)-", cookie);
            Assert.Matches("(?i); secure; samesite=none; httponly$", cookie);
        });

        var flow = stack.Flow();
        var page = await PostAsync(flow, await flow.AuthorizeAsync());
        Assert.NotNull(page.Html.QuerySelector("[data-testid=allow]"));
        Assert.Equal("form_post", stack.Provider.AuthorizeRequests.Last()["response_mode"]);
        Assert.DoesNotContain(flow.Browser.History, url => url.Query.Contains("code=code-", StringComparison.Ordinal));
        Assert.DoesNotContain(flow.Browser.Cookies.Keys, name => name.Contains("correlation") || name.Contains("nonce"));
    }

    [Fact]
    public async Task The_offline_token_is_kept_though_the_session_cookie_does_not_come_along()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: FormPost);
        var flow = stack.Flow();
        var page = await PostAsync(flow, await flow.AuthorizeAsync(flow.Request(Flow.AllScopes + " offline_access")));
        page = await PostAsync(flow, await flow.AllowAsync(page));
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(flow.CodeRequest(page.Query("code")!))).Status);
        using var scope = stack.Server.Scope();
        Assert.NotNull(Assert.Single(scope.ServiceProvider.GetRequiredService<AuthDbContext>().Links).OfflineToken);
    }

    [Fact]
    public async Task Who_signs_in_again_keeps_the_session_of_the_browser()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: FormPost);
        var flow = stack.Flow();
        await PostAsync(flow, await flow.Browser.GoAsync("/sign-in/liar"));
        await PostAsync(flow, await flow.Browser.GoAsync("/sign-in/liar"));
        using var scope = stack.Server.Scope();
        Assert.Single(scope.ServiceProvider.GetRequiredService<AuthDbContext>().Sessions);
    }

    [Fact]
    public async Task A_form_in_another_browser_signs_nobody_in()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: FormPost);
        using var attacker = stack.Flow().Browser;
        var form = await attacker.GoAsync("/sign-in/liar");
        using var victim = stack.Flow().Browser;
        var page = await victim.SubmitAsync(form, []);
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Contains("could not be finished", page.Text);
        Assert.Empty(stack.Provider.TokenRequests);
    }

    /// <summary>The provider's page posts itself.</summary>
    private static Task<Page> PostAsync(Flow flow, Page page)
    {
        Assert.Contains("/sign-in/liar/callback", page.Html.Forms[0].GetAttribute("action"));
        return flow.Browser.SubmitAsync(page, []);
    }
}
