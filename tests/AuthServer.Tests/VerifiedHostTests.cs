using System.Net.Http.Json;
using AngleSharp.Dom;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

/// <summary>Who answers for an application stands on a line of its own: its name can say anything.</summary>
public sealed class VerifiedHostTests(Surroundings stack) : IClassFixture<Surroundings>
{
    private const string Name = "Slack, from slack.com";
    private const string Redirect = "https://evil.example/cb";

    [Fact]
    public async Task A_client_that_registered_itself_is_unverified_whatever_host_its_name_has()
    {
        using var answer = await stack.Server.Client.PostAsJsonAsync(
            "/connect/register", new { client_name = Name, redirect_uris = new[] { Redirect }, token_endpoint_auth_method = "none" }, TestContext.Current.CancellationToken);
        var flow = new Flow(stack.Server, new TestClient { Id = (await Answer.OfAsync(answer)).Text("client_id")!, RedirectUri = Redirect });
        var page = await flow.SignInAsync(await flow.AuthorizeAsync(flow.Request("mcp:tools")), "bob");
        Assert.Equal(Name, Words(page.Html.QuerySelector("[data-testid=client]")));
        Assert.Equal("none (unverified)", Words(page.Html.QuerySelector("[data-testid=verified-host]")));

        await flow.AllowAsync(page);
        Assert.Equal("Verified host: none (unverified)", Words((await CardAsync(flow, Name)).QuerySelector("[data-testid=verified-host]")));
        Assert.Equal(Name, Words((await CardAsync(flow, Name)).QuerySelector("h3")));
    }

    [Fact]
    public async Task A_client_that_describes_itself_has_the_host_of_its_document_and_not_that_of_its_name()
    {
        await using var client = await TestClient.StartAsync();
        client.Document["client_name"] = Name + ".";
        var flow = new Flow(stack.Server, client);
        var page = await flow.SignInAsync(await flow.AuthorizeAsync(), "bob");
        Assert.Equal(Name + ".", Words(page.Html.QuerySelector("[data-testid=client]")));
        Assert.Equal(new Uri(client.Id).Authority, Words(page.Html.QuerySelector("[data-testid=verified-host]")));
        await flow.TokensAsync();
        Assert.Equal($"Verified host: {new Uri(client.Id).Authority}", Words((await CardAsync(flow, Name + ".")).QuerySelector("[data-testid=verified-host]")));
    }

    [Fact]
    public async Task A_client_that_an_operator_configured_has_no_host_and_is_not_called_unverified()
    {
        var flow = new Flow(stack.Server, new TestClient { Id = "seed-client", RedirectUri = "http://localhost:8000/auth/callback" });
        var page = await flow.SignInAsync(await flow.AuthorizeAsync(flow.Request("mcp:tools")), "bob");
        Assert.Equal("none, but the people who run this service set it up", Words(page.Html.QuerySelector("[data-testid=verified-host]")));
    }

    private static async Task<IElement> CardAsync(Flow flow, string name) =>
        (await flow.Browser.GoAsync("/account")).Html.QuerySelectorAll("[data-testid=application]").Single(card => Words(card.QuerySelector("h3")) == name);

    private static string Words(IElement? element) => string.Join(' ', element!.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
