using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>A part of the stack goes away under an open page: the person is told, and goes on when it is back.</summary>
public sealed class OutageTests(StackUnderHttp http, Browser browser) : IClassFixture<StackUnderHttp>
{
    private static readonly LocatorAssertionsToBeVisibleOptions Patiently = new() { Timeout = 60_000 };

    private RunningStack Stack => http.Stack;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task McpServer_dies_while_a_page_is_open()
    {
        await using var window = await browser.OpenAsync("mcpserver-down");
        await window.SignInAsync(Stack, "alice");

        Stack.Kill("mcpserver");
        await window.SendEchoAsync("nobody hears this");
        await Expect(window.Outcome.GetByRole(AriaRole.Alert)).ToBeVisibleAsync(Patiently);
        await window.ScreenshotAsync("failure");

        await Stack.UntilBackAsync("mcpserver", Cancel);
        await window.EchoesAsync("it is back");
    }

    [Fact]
    public async Task Redis_hangs_while_a_page_is_open()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a process can't be stopped in its tracks by a signal on Windows");
        await using var window = await browser.OpenAsync("redis-down");
        await window.SignInAsync(Stack, "bob");

        Stack.Freeze("sessions");
        try
        {
            await window.SendEchoAsync("nobody hears this");
            await Expect(window.Outcome.GetByRole(AriaRole.Alert)).ToBeVisibleAsync(Patiently);
            await window.ScreenshotAsync("failure");
        }
        finally
        {
            Stack.Thaw("sessions");
        }

        await window.EchoesAsync("it is back");
    }
}
