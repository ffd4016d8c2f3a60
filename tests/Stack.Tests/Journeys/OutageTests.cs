using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>A part of the stack goes away under an open page: the person is told, and goes on when it is back.</summary>
[Collection(nameof(StackUnderHttp))]
public sealed class OutageTests(StackUnderHttp http, Browser browser)
{
    private static readonly LocatorAssertionsToBeVisibleOptions Patiently = new() { Timeout = 60_000 };

    private RunningStack Stack => http.Stack;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("mcpserver")]
    [InlineData("sessions")]
    public async Task It_hangs_while_a_page_calls(string resource)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a process can't be stopped in its tracks by a signal on Windows");
        await using var window = await browser.OpenAsync($"{resource}-hangs");
        await window.SignInAsync(Stack, "admin");

        Stack.Freeze(resource);
        try
        {
            await window.SendEchoAsync("nobody hears this");
            await Expect(window.Outcome.GetByRole(AriaRole.Alert)).ToBeVisibleAsync(Patiently);
            await window.ScreenshotAsync("failure");
        }
        finally
        {
            Stack.Thaw(resource);
        }

        await window.EchoesAsync("it is back");
    }

    [Fact]
    public async Task McpServer_dies_and_comes_back_under_an_open_page()
    {
        await using var window = await browser.OpenAsync("mcpserver-dies");
        await window.SignInAsync(Stack, "admin");

        Stack.Kill("mcpserver");
        await Stack.UntilBackAsync("mcpserver", Cancel);
        await window.EchoesAsync("it is back");
    }
}
