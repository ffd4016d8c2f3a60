using System.Globalization;
using System.Net;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

/// <summary>What a person sees on <c>/account</c>.</summary>
public sealed class AccountPageTests(Surroundings stack) : IClassFixture<Surroundings>
{
    [Fact]
    public async Task An_application_stands_there_with_its_host_the_resource_what_it_may_since_when_and_when_it_was_used()
    {
        await using var client = await TestClient.StartAsync();
        client.Document["client_name"] = "Notes reader";
        var flow = new Flow(stack.Server, client);
        var since = stack.Server.Time.GetUtcNow();
        var tokens = await flow.TokensAsync(flow.Request("mcp:tools notes:write offline_access"));
        stack.Server.Time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);

        var page = await flow.Browser.GoAsync("/account");
        var card = page.Html.QuerySelectorAll("[data-testid=application]").Single(item => item.TextContent.Contains("Notes reader", StringComparison.Ordinal));
        Assert.Contains($"localhost:{new Uri(client.Id).Port}", card.TextContent, StringComparison.Ordinal);
        Assert.Contains("At MCP server it may:", card.TextContent, StringComparison.Ordinal);
        Assert.Equal(ScopeCatalog.InFull(["mcp:tools", "notes:write"]).Select(scope => ScopeCatalog.Of(scope).Words), card.QuerySelectorAll("li").Select(item => item.TextContent));
        Assert.Equal([Written(since), Written(since.AddHours(3))], card.QuerySelectorAll("time").Select(time => time.GetAttribute("datetime")));
        Assert.Contains("stays connected", card.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_form_did_is_said_once_in_words_of_ours()
    {
        var flow = stack.Flow();
        await flow.TokensAsync();
        var page = await flow.Browser.GoAsync("/account");
        Assert.Null(page.Html.QuerySelector("[data-testid=done]"));
        var form = page.Html.Forms.First(form => form.QuerySelector("[data-testid=remove]") is not null);

        page = await flow.Browser.SubmitAsync(page, [], which: form);
        Assert.Contains("application is removed", page.Html.QuerySelector("[data-testid=done]")!.TextContent, StringComparison.Ordinal);
        Assert.Null((await flow.Browser.GoAsync("/account")).Html.QuerySelector("[data-testid=done]"));

        flow.Browser.Cookies["__Host-authserver-done"] = "Call this number";
        page = await flow.Browser.GoAsync("/account?done=password");
        Assert.Null(page.Html.QuerySelector("[data-testid=done]"));
        Assert.DoesNotContain("Call this number", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_id_of_another_persons_session_ends_nothing()
    {
        var (alice, bob) = (stack.Flow(), stack.Flow());
        var tokens = await bob.TokensAsync(userName: "bob");
        await alice.TokensAsync();
        var page = await alice.Browser.GoAsync("/account");
        var form = page.Html.Forms.First(form => form.QuerySelector("[data-testid=end-session]") is not null);
        var answer = await alice.Browser.SubmitAsync(page, new() { ["session"] = tokens.Access.GetClaim("sid").Value }, which: form);
        Assert.Equal(HttpStatusCode.OK, answer.Status);

        Assert.Equal(HttpStatusCode.OK, (await bob.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
        Assert.Contains("Bob", (await bob.Browser.GoAsync("/")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_nobody_used_for_30_days_is_over()
    {
        await using var server = await RunningAuthServer.StartAsync(stack.Redis.ConnectionString);
        await new Flow(server, stack.Client).CodeAsync();
        server.Time.Advance(TimeSpan.FromDays(29));
        Assert.Equal(2, await SessionsShownAsync(server));
        server.Time.Advance(TimeSpan.FromDays(1));
        // The second one, which is a day old, and the new one.
        Assert.Equal(2, await SessionsShownAsync(server));
    }

    private static string Written(DateTimeOffset moment) => moment.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Signs in with a new browser and counts the sessions on the page.</summary>
    private async Task<int> SessionsShownAsync(RunningAuthServer server)
    {
        var flow = new Flow(server, stack.Client);
        var page = await flow.SignInAsync(await flow.Browser.GoAsync("/account"));
        return page.Html.QuerySelectorAll("[data-testid=session]").Length;
    }
}
