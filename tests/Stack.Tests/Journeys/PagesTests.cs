using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>The pages that a journey does not pass: each says what it is, keeps to its policy and fits a telephone.</summary>
[Collection(nameof(StackUnderHttp))]
public sealed class PagesTests(StackUnderHttp http, Browser browser)
{
    private RunningStack Stack => http.Stack;

    [Theory]
    [InlineData("authserver", "/", "Authorization server")]
    [InlineData("authserver", "/signed-out", "You are signed out")]
    [InlineData("authserver", "/connect/authorize?client_id=nobody", "The application's request can't be served")]
    [InlineData("clientweb", "/signed-out", "You have been signed out")]
    [InlineData("clientweb", "/no-such-page", "There is no such page")]
    [InlineData("clientweb", "/signin/callback?state=unknown&code=x", "")]
    public async Task A_page_for_whoever_is_signed_out(string service, string path, string heading)
    {
        await using var window = await browser.OpenAsync($"page-{service}-{path.Split('?')[0].Trim('/').Replace('/', '-')}");
        await window.Page.GotoAsync((service == "authserver" ? Stack.AuthServer : Stack.ClientWeb) + path);
        await SeeAsync(window, heading);
    }

    [Fact]
    public async Task The_pages_of_AuthServer_for_whoever_is_signed_in()
    {
        await using var window = await browser.OpenAsync("page-authserver-signed-in");
        await window.SignInAsync(Stack, "admin");

        await window.Page.GotoAsync(Stack.AuthServer);
        await Expect(window.Page.GetByText("Ada Admin").First).ToBeVisibleAsync();
        await SeeAsync(window, "Authorization server");

        await window.Page.GotoAsync(Stack.AuthServer + "/sign-out");
        await SeeAsync(window, "Sign out?");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await SeeAsync(window, "You are signed out");
    }

    [Fact]
    public async Task On_the_consent_page_ticking_a_scope_ticks_and_locks_the_one_that_it_implies()
    {
        await using var window = await browser.OpenAsync("page-authserver-consent");
        await window.Page.GotoAsync(
            $"{Stack.AuthServer}/connect/authorize?client_id=seed-client&response_type=code&redirect_uri=http://localhost:8000/auth/callback"
            + "&scope=mcp:tools%20notes:write%20email&code_challenge=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU&code_challenge_method=S256");
        await window.TypePasswordAsync("bob", "bob");
        ILocator Box(string scope) => window.Page.Locator($"#scope-{scope}");
        await Expect(Box("mcp-tools")).ToBeCheckedAsync();
        await Expect(Box("mcp-tools")).ToBeDisabledAsync();
        await LockedAsync();

        await Box("notes-write").UncheckAsync();
        await Expect(Box("notes-read")).ToBeEnabledAsync();
        await Expect(Box("notes-read")).ToBeCheckedAsync();
        await Box("notes-read").UncheckAsync();
        await Expect(Box("notes-write")).Not.ToBeCheckedAsync();

        await Box("notes-write").CheckAsync();
        await LockedAsync();
        await Box("email").UncheckAsync();
        await Expect(Box("notes-write")).ToBeCheckedAsync();
        await SeeAsync(window, "Allow ");

        async Task LockedAsync()
        {
            await Expect(Box("notes-write")).ToBeCheckedAsync();
            await Expect(Box("notes-read")).ToBeCheckedAsync();
            await Expect(Box("notes-read")).ToBeDisabledAsync();
        }
    }

    private static async Task SeeAsync(Window window, string heading)
    {
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync(heading);
        await Expect(window.Page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex("."));
        await window.ScreenshotAsync("page");

        await window.Page.SetViewportSizeAsync(360, 740);
        Assert.True(await window.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways");
        await window.Page.SetViewportSizeAsync(1100, 800);
        window.AssertNoPolicyViolations();
    }
}
