using System.Net;
using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>Keycloak goes away: who is signed in works on, who wants to sign in is told, and goes on when it is back.</summary>
[Collection(nameof(StackWithKeycloak))]
public sealed class KeycloakOutageTests(StackWithKeycloak keycloak, Browser browser)
{
    private RunningStack Stack => keycloak.Stack;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Keycloak_was_down_at_the_start_and_the_stack_waited_and_said_so()
    {
        var said = Stack.Output.ToList();
        var crashed = IndexOf("keycloak", "crashed");
        var healthy = IndexOf("keycloak", "healthy");
        Assert.InRange(crashed, 0, healthy);
        Assert.InRange(said.FindIndex(line => Says(line, "authserver", "waits for") && line.Contains("keycloak", StringComparison.Ordinal)), 0, healthy);
        Assert.True(IndexOf("authserver", "started as process") > healthy);

        int IndexOf(string resource, string words) => said.FindIndex(line => Says(line, resource, words));
        static bool Says(string line, string resource, string words) =>
            line.StartsWith(resource, StringComparison.Ordinal) && line.Contains($"| {words}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keycloak_restarts_under_the_stack()
    {
        await using var signedIn = await browser.OpenAsync("keycloak-restarts");
        await signedIn.SignInThroughKeycloakAsync(Stack, "alice");
        await using var another = await browser.OpenAsync("keycloak-away");
        await another.OpenClientWebAsync(Stack);

        Stack.Kill("keycloak");
        await Eventually.BeTrueAsync(AuthServerKnowsAsync, "AuthServer knows that Keycloak is away", cancellationToken: Cancel);
        await another.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(another.Page.GetByRole(AriaRole.Heading, new() { Name = "Keycloak can't be reached now" })).ToBeVisibleAsync();
        Assert.StartsWith(Stack.AuthServer, another.Page.Url, StringComparison.Ordinal);
        await another.ScreenshotAsync("provider-away");
        await signedIn.EchoesAsync("works on without Keycloak");

        await Stack.UntilBackAsync("keycloak", Cancel);
        await another.Page.GetByRole(AriaRole.Link, new() { Name = "Try again" }).ClickAsync();
        await another.AtKeycloakAsync(Stack);
        await another.TypeIntoKeycloakAsync("admin", "admin");
        await Expect(another.Page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).Or(another.Tool("secure_echo"))).ToBeVisibleAsync();

        await signedIn.EchoesAsync("and with it again");
    }

    private async Task<bool> AuthServerKnowsAsync()
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var answer = await http.GetAsync(new Uri($"{Stack.AuthServer}/sign-in/keycloak"), Cancel);
        return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
    }
}
