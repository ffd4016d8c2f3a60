using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>
/// The main job, the same wherever the services are: sign in (after a wrong password), call both tools, reload, go on
/// after a restart of ClientWeb, sign out at both ends.
/// </summary>
internal static class WholeJourney
{
    internal static async Task RunAsync(Window window, RunningStack stack, CancellationToken cancellationToken)
    {
        await SignInAsync(window, stack);
        await CallToolsAsync(window);

        await window.Page.ReloadAsync();
        await window.SeesToolsAsync(stack);

        await window.Page.EvaluateAsync("window.beforeRestart = true");
        stack.Kill("clientweb");
        await stack.UntilBackAsync("clientweb", cancellationToken);
        await Eventually.BeTrueAsync(() => HasLoadedAgainAsync(window), "the page has loaded itself again", TimeSpan.FromSeconds(60), cancellationToken);
        await window.SeesToolsAsync(stack);
        await window.EchoesAsync("still signed in after a restart");
        await AssertCookiesAreEachOneServicesOwnAsync(window);

        await window.SignOutAsync();
        await window.ScreenshotAsync("signed-out-again");
        await window.OpenClientWebAsync(stack);
        await window.GoToSignInAsync(stack);
        window.AssertNoPolicyViolations();
    }

    /// <summary>The page's connection is gone with the process; it finds the new one and loads itself anew.</summary>
    private static async Task<bool> HasLoadedAgainAsync(Window window)
    {
        try
        {
            return await window.Page.EvaluateAsync<bool>("window.beforeRestart === undefined");
        }
        catch (PlaywrightException)
        {
            return false; // It is just on its way.
        }
    }

    private static async Task SignInAsync(Window window, RunningStack stack)
    {
        await window.OpenClientWebAsync(stack);
        await window.ScreenshotAsync("signed-out");
        await window.GoToSignInAsync(stack);
        await window.ScreenshotAsync("sign-in");

        await window.TypePasswordAsync("alice", "not her password");
        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await window.ScreenshotAsync("wrong-password");

        await window.TypePasswordAsync("alice", "alice");
        await Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = "Allow" })).ToBeVisibleAsync();
        await window.ScreenshotAsync("consent");
        await window.AllowAsync();
        await window.SeesToolsAsync(stack);
        await window.ScreenshotAsync("tools");
    }

    private static async Task CallToolsAsync(Window window)
    {
        await window.EchoesAsync("Hello, OAuth!");
        await Expect(window.Outcome.GetByText("Alice Adams").First).ToBeVisibleAsync();
        await window.ScreenshotAsync("secure-echo");

        await window.ChooseAsync("whoami");
        await window.CallAsync();
        await Expect(window.Outcome.GetByText("mcp:tools").First).ToBeVisibleAsync();
        await window.ScreenshotAsync("whoami");
    }

    private static async Task AssertCookiesAreEachOneServicesOwnAsync(Window window)
    {
        var cookies = await window.CookiesAsync();
        Assert.NotEmpty(cookies);
        foreach (var cookie in cookies)
        {
            Assert.Matches("^__Host-(authserver|clientweb)-[a-z]+", cookie.Name);
            Assert.True(cookie.Secure && cookie.HttpOnly, cookie.Name);
            Assert.DoesNotMatch(Window.Token, cookie.Value);
        }
    }
}
