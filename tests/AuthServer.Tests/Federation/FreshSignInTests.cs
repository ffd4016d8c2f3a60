using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary><c>prompt=login</c> and <c>max_age</c> where a provider signs people in without a question.</summary>
public sealed class FreshSignInTests
{
    [Theory]
    [InlineData("prompt", "login", false)]
    [InlineData("prompt", "login", true)]
    [InlineData("max_age", "60", false)]
    [InlineData("max_age", "60", true)]
    public async Task A_wish_that_is_cut_away_comes_back(string name, string value, bool withoutSession)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        await flow.Browser.GoAsync("/sign-in");
        stack.Server.Time.Advance(TimeSpan.FromHours(1));
        if (withoutSession)
        {
            flow.Browser.Cookies.Remove(SessionCookie.Name);
        }

        var request = flow.Request();
        request[name] = value;
        flow.Browser.Visits.Clear();
        await flow.AuthorizeAsync(request);
        var waiting = flow.Browser.History.Last(url => url.AbsolutePath == "/sign-in/liar");
        flow.Browser.Visits.Add(stack.Provider.Origin);
        stack.Provider.AuthorizeRequests.Clear();

        await flow.Browser.GoAsync(Without(name, waiting));
        var asked = stack.Provider.AuthorizeRequests.ToArray();
        Assert.Equal(2, asked.Length);
        Assert.NotEqual(value, asked[0].GetValueOrDefault(name));
        Assert.Equal(value, asked[1][name]);
    }

    [Fact]
    public async Task A_provider_that_ignores_max_age_is_asked_for_a_login_at_the_next_try()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        var request = flow.Request();
        request["max_age"] = "60";
        var page = await flow.AuthorizeAsync(request);
        Assert.Contains("You must sign in anew", page.Text);
        Assert.DoesNotContain(SessionCookie.Name, flow.Browser.Cookies.Keys);

        page = await flow.Browser.GoAsync(page.Html.QuerySelector("[data-testid=way]")!.GetAttribute("href")!);
        Assert.NotNull(page.Html.QuerySelector("[data-testid=allow]"));
        Assert.Equal("login", stack.Provider.AuthorizeRequests.Last()["prompt"]);
    }

    [Fact]
    public async Task Select_account_asks_the_provider_for_a_login()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        await flow.Browser.GoAsync("/sign-in");
        stack.Server.Time.Advance(TimeSpan.FromHours(1));
        var request = flow.Request();
        request["prompt"] = "select_account";
        Assert.NotNull((await flow.AuthorizeAsync(request)).Html.QuerySelector("[data-testid=allow]"));
        Assert.Equal("login", stack.Provider.AuthorizeRequests.Last()["prompt"]);
    }

    [Fact]
    public async Task Who_connects_a_device_signs_in_anew_at_their_provider()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings:
        [
            ("Clients:1:ClientId", ConfiguredSurroundings.DeviceId), ("Clients:1:GrantTypes:0", DeviceFlow.Grant),
        ]);
        using var device = new DeviceFlow(stack.Server);
        device.Browser.Visits.Add(stack.Provider.Origin);
        await device.Browser.GoAsync("/sign-in");
        stack.Server.Time.Advance(TimeSpan.FromHours(1));
        stack.Provider.AuthorizeRequests.Clear();

        var asked = await device.AskAsync("mcp:tools");
        var page = await device.TypeAsync(asked.Text("user_code")!);
        Assert.Equal("login", stack.Provider.AuthorizeRequests.Single()["prompt"]);
        Assert.Equal("/device/done", (await device.AnswerAsync(page)).Url.AbsolutePath);

        stack.Server.Time.Advance(TimeSpan.FromMinutes(1));
        var earlier = stack.Server.Time.GetUtcNow().AddHours(-1).ToUnixTimeSeconds();
        stack.Provider.Claims = claims => claims["auth_time"] = earlier;
        page = await device.TypeAsync((await device.AskAsync("mcp:tools")).Text("user_code")!);
        Assert.Contains("You must sign in anew", page.Text);
        Assert.Null(page.Html.QuerySelector("[data-testid=allow]"));
    }

    [Theory]
    [InlineData(59, true)]
    [InlineData(61, false)]
    public async Task The_time_that_a_provider_gives_is_measured_against_max_age(int minutes, bool isTaken)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.Claims = claims => claims["auth_time"] = stack.Server.Time.GetUtcNow().AddMinutes(-minutes).ToUnixTimeSeconds();
        var flow = stack.Flow();
        var request = flow.Request();
        request["max_age"] = "3600";
        var page = await flow.AuthorizeAsync(request);
        Assert.Equal(isTaken, page.Html.QuerySelector("[data-testid=allow]") is not null);
        Assert.Equal(isTaken, !page.Text.Contains("You must sign in anew"));
    }

    [Fact]
    public async Task Every_sign_in_asks_for_the_time_and_tokens_say_none_that_nobody_knows()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var unknown = await stack.Flow().TokensAsync();
        Assert.Equal("31536000", stack.Provider.AuthorizeRequests.Single()["max_age"]);
        Assert.DoesNotContain(unknown.Identity.Claims, claim => claim.Type == "auth_time");

        var earlier = stack.Server.Time.GetUtcNow().AddHours(-1).ToUnixTimeSeconds();
        stack.Provider.Claims = claims => claims["auth_time"] = earlier;
        var known = await stack.Flow().TokensAsync();
        Assert.Equal(earlier.ToString(System.Globalization.CultureInfo.InvariantCulture), known.Identity.GetClaim("auth_time").Value);
    }

    private static string Without(string name, Uri url) =>
        url.AbsolutePath + "?" + string.Join('&', url.Query.TrimStart('?').Split('&').Where(pair => !pair.StartsWith(name + "=", StringComparison.Ordinal)));
}
