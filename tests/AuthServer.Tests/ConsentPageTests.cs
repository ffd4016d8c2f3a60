using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

/// <summary>What the pages that ask for consent say, besides their warnings.</summary>
public sealed class ConsentPageTests(ConfiguredSurroundings stack) : IClassFixture<ConfiguredSurroundings>
{
    [Fact]
    public async Task It_says_who_is_signed_in_and_somebody_else_goes_on_with_the_same_request()
    {
        var flow = stack.Flow();
        var page = await flow.SignInAsync(await flow.AuthorizeAsync());
        Assert.Contains("Alice Adams", page.Html.QuerySelector("[data-testid=signed-in]")!.TextContent, StringComparison.Ordinal);

        page = await flow.Browser.GoAsync(page.Html.QuerySelector("[data-testid=somebody-else]")!.GetAttribute("href")!);
        Assert.Equal("/sign-in", page.Url.AbsolutePath);
        Assert.NotNull(page.Html.QuerySelector("[data-testid=again]"));
        page = await flow.SignInAsync(page, "bob");
        Assert.Contains("Bob", page.Html.QuerySelector("[data-testid=signed-in]")!.TextContent, StringComparison.Ordinal);
        page = await flow.AllowAsync(page);
        Assert.Equal("the-state", page.Query("state"));
        var tokens = await flow.TokenAsync(flow.CodeRequest(page.Query("code")!));
        Assert.Equal("bob", tokens.Identity.GetClaim("preferred_username").Value);
    }

    [Fact]
    public async Task So_it_is_for_a_device()
    {
        using var device = new DeviceFlow(stack.Server);
        var asked = await device.AskAsync();
        var page = await device.ToQuestionAsync(asked.Text("user_code")!);
        Assert.Contains("Alice Adams", page.Html.QuerySelector("[data-testid=signed-in]")!.TextContent, StringComparison.Ordinal);

        page = await device.Browser.GoAsync(page.Html.QuerySelector("[data-testid=somebody-else]")!.GetAttribute("href")!);
        page = await device.SignInAsync(page, "bob");
        Assert.Contains("Bob", page.Html.QuerySelector("[data-testid=signed-in]")!.TextContent, StringComparison.Ordinal);
        await device.AnswerAsync(page);
        stack.Server.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Contains("Bob", (await device.PollAsync(asked.Text("device_code")!)).Access.GetClaim("name").Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scope_that_another_contains_names_that_one_for_when_it_is_locked()
    {
        var flow = stack.Flow();
        var page = await flow.SignInAsync(await flow.AuthorizeAsync(flow.Request("notes:write")));
        var note = page.Html.GetElementById("scope-notes-read-implied")!;
        Assert.Equal(", comes with notes:write", note.TextContent);
        Assert.True(note.HasAttribute("hidden"));
        Assert.Null(page.Html.GetElementById("scope-notes-write-implied"));
    }

    [Theory]
    [InlineData("prompt", "login", true)]
    [InlineData("prompt", "select_account", true)]
    [InlineData("max_age", "60", true)]
    [InlineData("login_hint", "bob", false)]
    public async Task The_sign_in_says_why_where_a_person_who_is_signed_in_may_meet_it(string parameter, string value, bool said)
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request[parameter] = value;
        Assert.Equal(said, (await flow.AuthorizeAsync(request)).Html.QuerySelector("[data-testid=again]") is not null);
    }

    [Fact]
    public async Task So_it_does_for_a_device_and_not_for_a_mere_sign_in()
    {
        using var device = new DeviceFlow(stack.Server);
        Assert.NotNull((await device.TypeAsync((await device.AskAsync()).Text("user_code")!)).Html.QuerySelector("[data-testid=again]"));
        Assert.Null((await device.Browser.GoAsync("/sign-in")).Html.QuerySelector("[data-testid=again]"));
    }
}
