using System.Text.RegularExpressions;
using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>The main job: a person starts the stack, signs in and calls tools, in a real browser.</summary>
[Collection(nameof(StackUnderHttp))]
public sealed class JourneyTests(StackUnderHttp http, Browser browser)
{
    private RunningStack Stack => http.Stack;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_signs_in_calls_tools_comes_back_and_signs_out()
    {
        await using var window = await browser.OpenAsync("journey");
        await WholeJourney.RunAsync(window, Stack, Cancel);
    }

    [Fact]
    public async Task Whoever_denies_comes_back_with_plain_words_and_can_try_again()
    {
        await using var window = await browser.OpenAsync("denied");
        await window.OpenClientWebAsync(Stack);
        await window.GoToSignInAsync(Stack);
        await window.TypePasswordAsync("bob", "bob");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Deny" }).ClickAsync();

        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        Assert.StartsWith(Stack.ClientWeb, window.Page.Url, StringComparison.Ordinal);
        await window.ScreenshotAsync("denied");
        window.AssertNoPolicyViolations();
    }

    [Fact]
    public async Task A_page_under_another_loopback_name_leads_to_the_public_url()
    {
        await using var window = await browser.OpenAsync("other-name");
        await window.Page.GotoAsync(Stack.ClientWeb.Replace("localhost", "127.0.0.1", StringComparison.Ordinal));
        await Expect(window.Page).ToHaveURLAsync(new Regex($"^{Regex.Escape(Stack.ClientWeb)}"));
    }

    [Fact]
    public async Task Pages_fit_a_telephone()
    {
        await using var window = await browser.OpenAsync("telephone");
        await window.Page.SetViewportSizeAsync(360, 740);
        await window.SignInAsync(Stack, "admin");
        await window.EchoesAsync("Hello from a small screen");
        await window.ScreenshotAsync("secure-echo");
        Assert.True(await window.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways");
    }
}
