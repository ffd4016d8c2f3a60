using System.Security.Claims;
using Bunit;
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
    private readonly NavigationManager _navigation;

    public SessionWatchTests()
    {
        Services.AddSingleton(_pages);
        AddAuthorization().SetAuthorized("Alice").SetClaims(new Claim(SessionCookie.KeyClaim, "key"));
        _navigation = Services.GetRequiredService<NavigationManager>();
    }

    [Fact]
    public void A_page_leaves_when_its_session_ends_elsewhere()
    {
        var shown = Render<SessionWatch>(parameters => parameters.Add(watch => watch.PageName, "this page"));
        Assert.Equal("", shown.Markup.Trim());

        _pages.Tell(SessionNames.HashOf("key"), "another page");

        shown.WaitForAssertion(() => Assert.EndsWith("/signed-out?ended=elsewhere", _navigation.Uri, StringComparison.Ordinal));
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
    }

    [Fact]
    public async Task A_page_that_was_left_hears_nothing()
    {
        Render<SessionWatch>(parameters => parameters.Add(watch => watch.PageName, "this page"));
        await DisposeComponentsAsync();

        _pages.Tell(SessionNames.HashOf("key"), null);

        Assert.DoesNotContain("signed-out", _navigation.Uri, StringComparison.Ordinal);
    }
}
