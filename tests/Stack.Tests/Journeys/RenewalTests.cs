using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>An access token that is used up is replaced without the person noticing.</summary>
public sealed class RenewalTests(Browser browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_go_on_after_the_access_token_has_expired()
    {
        browser.SkipWithoutOne();
        // ClientWeb renews 30 s ahead, so each call finds its token used up.
        var options = new StackOptions { Environment = new Dictionary<string, string> { ["AccessTokenLifetime"] = "00:00:31" } };
        await using var stack = await RunningStack.StartAsync(options, Cancel);
        await using var window = await browser.OpenAsync("renewal");
        await window.SignInAsync(stack, "alice");

        var first = await ExpiryAsync(window);
        await Eventually.BeTrueAsync(async () => await ExpiryAsync(window) > first, "a call with a newer token", cancellationToken: Cancel);
        await window.EchoesAsync("nobody noticed");
    }

    private static async Task<DateTimeOffset> ExpiryAsync(Window window)
    {
        await window.ChooseAsync("secure_echo");
        await window.ChooseAsync("whoami");
        await window.CallAsync();
        var expiry = window.Outcome.GetByRole(AriaRole.Row).Filter(new() { HasText = "expires_at" }).GetByRole(AriaRole.Cell);
        await Expect(expiry).ToBeVisibleAsync();
        return DateTimeOffset.Parse(await expiry.InnerTextAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
