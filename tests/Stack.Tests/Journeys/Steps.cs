using System.Text.RegularExpressions;
using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>What a person does, step by step, and what they then see.</summary>
internal static class Steps
{
    internal static async Task OpenClientWebAsync(this Window window, RunningStack stack)
    {
        await window.Page.GotoAsync(stack.ClientWeb);
        await Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" })).ToBeVisibleAsync();
    }

    /// <summary>Presses "Sign in" and arrives at AuthServer.</summary>
    internal static async Task GoToSignInAsync(this Window window, RunningStack stack)
    {
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(window.Page).ToHaveURLAsync(new Regex($"^{Regex.Escape(stack.AuthServer)}/sign-in"));
    }

    internal static async Task TypePasswordAsync(this Window window, string userName, string password)
    {
        await window.Page.GetByLabel("User name").FillAsync(userName);
        await window.Page.GetByLabel("Password").FillAsync(password);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    internal static async Task AllowAsync(this Window window)
    {
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { NameRegex = new Regex("^Allow ") })).ToBeVisibleAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();
    }

    /// <summary>Is back at ClientWeb, signed in, and sees the tools.</summary>
    internal static async Task SeesToolsAsync(this Window window, RunningStack stack)
    {
        await Expect(window.Page).ToHaveURLAsync(new Regex($"^{Regex.Escape(stack.ClientWeb)}/$"));
        await Expect(window.Tool("secure_echo")).ToBeVisibleAsync();
        await Expect(window.Tool("whoami")).ToBeVisibleAsync();
    }

    /// <summary>The whole way from the signed-out page to the tools; who consented before is not asked again.</summary>
    internal static async Task SignInAsync(this Window window, RunningStack stack, string userName)
    {
        await window.OpenClientWebAsync(stack);
        await window.GoToSignInAsync(stack);
        await window.TypePasswordAsync(userName, userName);
        var question = window.Page.GetByRole(AriaRole.Button, new() { Name = "Allow" });
        await Expect(question.Or(window.Tool("secure_echo"))).ToBeVisibleAsync();
        if (await question.IsVisibleAsync())
        {
            await window.AllowAsync();
        }

        await window.SeesToolsAsync(stack);
    }

    /// <summary>Chooses a tool, and waits until its form is there.</summary>
    internal static async Task ChooseAsync(this Window window, string tool)
    {
        await window.Tool(tool).ClickAsync();
        await Expect(window.Page.Locator(".tool-name")).ToHaveTextAsync(tool);
    }

    internal static Task CallAsync(this Window window) =>
        window.Page.GetByRole(AriaRole.Button, new() { Name = "Call", Exact = true }).ClickAsync();

    /// <summary>Sends a message with secure_echo, without waiting for the answer.</summary>
    internal static async Task SendEchoAsync(this Window window, string message)
    {
        await window.ChooseAsync("secure_echo");
        await window.Page.GetByLabel(new Regex("message", RegexOptions.IgnoreCase)).FillAsync(message);
        await window.CallAsync();
    }

    internal static async Task EchoesAsync(this Window window, string message)
    {
        await window.SendEchoAsync(message);
        await Expect(window.Outcome.GetByText(message).First).ToBeVisibleAsync();
    }

    internal static async Task SignOutAsync(this Window window)
    {
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" })).ToBeVisibleAsync();
    }

    internal static ILocator Tool(this Window window, string name) =>
        window.Page.GetByRole(AriaRole.Navigation, new() { Name = "Tools" }).GetByRole(AriaRole.Button).Filter(new() { HasText = name });

    extension(Window window)
    {
        internal ILocator Outcome => window.Page.Locator(".outcome");
    }
}
