using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using McpAspire.ClientWeb.Components.Layout;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ClientWeb.Sessions.OpenPages;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace McpAspire.ClientWeb.Tests.Units;

public sealed class SessionWatchTests : BunitContext
{
    private readonly OpenPageRegistry _pages = new();
    private readonly JSRuntimeInvocationHandler _leaving;

    public SessionWatchTests()
    {
        Services.AddSingleton(_pages);
        _leaving = JSInterop.SetupVoid("Blazor.navigateTo", "/signed-out?ended=elsewhere", true);
        AddAuthorization().SetAuthorized("Alice").SetClaims(new Claim(SessionCookie.KeyClaim, "key"));
    }

    [Fact]
    public void A_page_leaves_when_its_session_ends_elsewhere()
    {
        var shown = Render<SessionWatch>(parameters => parameters.Add(watch => watch.PageName, "this page"));
        Assert.Equal("", shown.Markup.Trim());

        _pages.Tell(SessionNames.HashOf("key"), "another page");

        shown.WaitForAssertion(() => Assert.Single(_leaving.Invocations));
        Assert.Equal("/signed-out?ended=elsewhere", shown.Find("[role=alert] a").GetAttribute("href"));
    }

    [Theory]
    [InlineData("key", "this page")]
    [InlineData("another key", null)]
    public void A_page_stays_at_its_own_sign_out_and_at_the_end_of_other_sessions(string key, string? endedBy)
    {
        var shown = Render<SessionWatch>(parameters => parameters.Add(watch => watch.PageName, "this page"));

        _pages.Tell(SessionNames.HashOf(key), endedBy);

        Assert.Empty(shown.FindAll("[role=alert]"));
        Assert.Empty(_leaving.Invocations);
    }

    /// <summary>The framework's navigation would fail a minute later, beyond our reach, and end the circuit as a crash.</summary>
    [Fact]
    public void A_page_whose_browser_is_gone_keeps_the_link_and_asks_the_framework_to_navigate_nowhere()
    {
        var shown = Render<SessionWatch>(parameters => parameters.Add(watch => watch.PageName, "this page"));
        _pages.Tell(SessionNames.HashOf("key"), null);
        shown.WaitForAssertion(() => Assert.Single(_leaving.Invocations));

        _leaving.SetCanceled();

        Assert.Equal("/signed-out?ended=elsewhere", shown.Find("[role=alert] a").GetAttribute("href"));
        Assert.Empty(((BunitNavigationManager)Services.GetRequiredService<NavigationManager>()).History);
    }

    [Fact]
    public async Task A_page_that_was_left_hears_nothing()
    {
        Render<SessionWatch>(parameters => parameters.Add(watch => watch.PageName, "this page"));
        await DisposeComponentsAsync();

        _pages.Tell(SessionNames.HashOf("key"), null);

        Assert.Empty(_leaving.Invocations);
    }
}
