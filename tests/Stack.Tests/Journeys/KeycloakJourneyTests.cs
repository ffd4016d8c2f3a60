using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>The main job with accounts in Keycloak: in a real browser, at Keycloak's own pages.</summary>
[Collection(nameof(StackWithKeycloak))]
public sealed class KeycloakJourneyTests(StackWithKeycloak keycloak, Browser browser)
{
    private RunningStack Stack => keycloak.Stack;

    [Fact]
    public async Task A_person_signs_in_at_Keycloak_calls_tools_and_signs_out_there_too()
    {
        await using var window = await browser.OpenAsync("keycloak");
        await window.OpenClientWebAsync(Stack);
        await window.GoToKeycloakAsync(Stack);
        await window.ScreenshotAsync("sign-in");

        await window.TypeIntoKeycloakAsync("alice", "not her password");
        await Expect(window.Page.GetByText("Invalid username or password")).ToBeVisibleAsync();

        await window.TypeIntoKeycloakAsync("alice", "alice");
        await window.AllowAsync();
        await window.SeesToolsAsync(Stack);
        await window.EchoesAsync("Hello from Keycloak!");
        await Expect(window.Outcome.GetByText("Alice Adams").First).ToBeVisibleAsync();
        await window.ScreenshotAsync("secure-echo");

        await window.SignOutAsync();
        await window.OpenClientWebAsync(Stack);
        await window.GoToKeycloakAsync(Stack); // It asks again: its session ended with ours.
        window.AssertNoPolicyViolations();
    }

    [Fact]
    public async Task Another_person_in_the_same_browser_is_another_person()
    {
        await using var window = await browser.OpenAsync("keycloak-second");
        await window.SignInThroughKeycloakAsync(Stack, "alice");
        await window.SignOutAsync();

        await window.SignInThroughKeycloakAsync(Stack, "bob");
        await window.EchoesAsync("Hello, this is Bob");

        await Expect(window.Outcome.GetByText("Bob Brown").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_page_of_ones_own_account_shows_the_session_and_what_was_allowed()
    {
        await using var window = await browser.OpenAsync("account");
        await window.SignInThroughKeycloakAsync(Stack, "admin");

        await window.Page.GotoAsync($"{Stack.AuthServer}/account");
        await Expect(window.Page.GetByText("Ada Admin").First).ToBeVisibleAsync();
        await Expect(window.Page.GetByText(new Uri(Stack.ClientWeb).Authority).First).ToBeVisibleAsync();
        await window.ScreenshotAsync("account");
        await window.Page.SetViewportSizeAsync(360, 740);
        await window.ScreenshotAsync("account-telephone");
        Assert.True(await window.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways");
        window.AssertNoPolicyViolations();
    }
}
