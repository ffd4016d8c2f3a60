using System.Text.RegularExpressions;
using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>What a person does at Keycloak's own pages.</summary>
internal static class KeycloakSteps
{
    /// <summary>Presses "Sign in" at ClientWeb and arrives at Keycloak at once: with one provider there is nothing to choose.</summary>
    internal static async Task GoToKeycloakAsync(this Window window, RunningStack stack)
    {
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await window.AtKeycloakAsync(stack);
    }

    internal static async Task AtKeycloakAsync(this Window window, RunningStack stack)
    {
        await Expect(window.Page).ToHaveURLAsync(new Regex($"^{Regex.Escape(stack.Keycloak)}/realms/mcp/"));
        await Expect(window.Page.Locator("#username")).ToBeVisibleAsync();
    }

    internal static async Task TypeIntoKeycloakAsync(this Window window, string userName, string password)
    {
        await window.Page.Locator("#username").FillAsync(userName);
        await window.Page.Locator("#password").FillAsync(password);
        await window.Page.Locator("#kc-login").ClickAsync();
    }

    /// <summary>The whole way from the signed-out page to the tools, through Keycloak.</summary>
    internal static async Task SignInThroughKeycloakAsync(this Window window, RunningStack stack, string userName)
    {
        await window.OpenClientWebAsync(stack);
        await window.GoToKeycloakAsync(stack);
        await window.TypeIntoKeycloakAsync(userName, userName);
        await window.AllowWhereAskedAsync(stack);
    }

    /// <summary>Comes back from Keycloak; who consented before is not asked again.</summary>
    internal static async Task AllowWhereAskedAsync(this Window window, RunningStack stack)
    {
        var question = window.Page.GetByRole(AriaRole.Button, new() { Name = "Allow" });
        await Expect(question.Or(window.Tool("secure_echo"))).ToBeVisibleAsync();
        if (await question.IsVisibleAsync())
        {
            await window.AllowAsync();
        }

        await window.SeesToolsAsync(stack);
    }

    /// <summary>Lets another client in, in a window where the person is signed in.</summary>
    internal static async Task<SeedClient> ConnectAsync(this Window window, RunningStack stack, string scope, CancellationToken cancellationToken)
    {
        var client = new SeedClient(stack);
        await window.Page.RouteAsync($"{SeedClient.Callback}**", route => route.FulfillAsync(new() { Body = "The client has the answer." }));
        await window.Page.GotoAsync(client.AuthorizeUrl(scope));
        await window.AllowAsync();
        await Expect(window.Page).ToHaveURLAsync(new Regex($"^{Regex.Escape(SeedClient.Callback)}"));
        await client.RedeemAsync(window, cancellationToken);
        return client;
    }
}
