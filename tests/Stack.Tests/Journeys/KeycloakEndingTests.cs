using System.Net;
using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using McpAspire.TestKit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>What ends when Keycloak's administrator acts, as every service of the stack sees it.</summary>
[Collection(nameof(StackWithKeycloak))]
public sealed class KeycloakEndingTests(StackWithKeycloak keycloak, Browser browser)
{
    private const string Bound = "openid profile mcp:tools";
    private const string Standalone = "openid profile mcp:tools offline_access";

    /// <summary>AuthServer asks Keycloak at a refresh, but not more often than once in this time.</summary>
    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromSeconds(61);

    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(15);

    private RunningStack Stack => keycloak.Stack;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_administrator_ends_the_session_and_only_offline_grants_live_on()
    {
        await using var window = await browser.OpenAsync("admin-ends");
        await window.SignInThroughKeycloakAsync(Stack, "alice");
        await using var other = await window.AnotherPageAsync();
        using var bound = await other.ConnectAsync(Stack, Bound, Cancel);
        using var standalone = await other.ConnectAsync(Stack, Standalone, Cancel);
        Assert.Equal(HttpStatusCode.OK, await bound.CallAsync(Cancel));

        foreach (var session in await keycloak.Admin.SessionIdsAsync("mcp", "alice", Cancel))
        {
            await keycloak.Admin.EndSessionAsync("mcp", session, Cancel);
        }

        await Expect(window.Page.GetByTestId("session-ended")).ToBeVisibleAsync();
        await window.ScreenshotAsync("session-ended");
        await Eventually.BeTrueAsync(async () => await bound.CallAsync(Cancel) == HttpStatusCode.Unauthorized, "McpServer refuses", Seconds, Cancel);
        Assert.Equal("invalid_grant", await bound.RefreshAsync(Cancel));
        Assert.Equal(HttpStatusCode.OK, await standalone.CallAsync(Cancel));
        Assert.Null(await standalone.RefreshAsync(Cancel));
        Assert.Equal(HttpStatusCode.OK, await standalone.CallAsync(Cancel));
    }

    [Fact]
    public async Task A_person_who_is_disabled_is_found_out_at_the_next_refresh()
    {
        await using var window = await browser.OpenAsync("disabled");
        await window.SignInThroughKeycloakAsync(Stack, "bob");
        await using var other = await window.AnotherPageAsync();
        using var bound = await other.ConnectAsync(Stack, Bound, Cancel);
        using var standalone = await other.ConnectAsync(Stack, Standalone, Cancel);
        try
        {
            await keycloak.Admin.SetUserEnabledAsync("mcp", "bob", false, Cancel);
            await Task.Delay(BetweenQuestions, Cancel);

            Assert.Equal("invalid_grant", await bound.RefreshAsync(Cancel));
            await Expect(window.Page.GetByTestId("session-ended")).ToBeVisibleAsync();
            await Eventually.BeTrueAsync(async () => await bound.CallAsync(Cancel) == HttpStatusCode.Unauthorized, "McpServer refuses", Seconds, Cancel);

            Assert.Equal("invalid_grant", await standalone.RefreshAsync(Cancel));
            await Eventually.BeTrueAsync(async () => await standalone.CallAsync(Cancel) == HttpStatusCode.Unauthorized, "McpServer refuses", Seconds, Cancel);
        }
        finally
        {
            await keycloak.Admin.SetUserEnabledAsync("mcp", "bob", true, Cancel);
        }
    }
}
