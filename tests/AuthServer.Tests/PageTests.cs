using System.Net;
using AngleSharp.Html.Parser;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

/// <summary>What holds for all pages, and for addresses where there is none.</summary>
public sealed class PageTests(Surroundings stack) : IClassFixture<Surroundings>
{
    private const string Browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    [Theory]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound, "There is no such page")]
    [InlineData("POST", "/nowhere", HttpStatusCode.NotFound, "There is no such page")]
    [InlineData("PUT", "/sign-in", HttpStatusCode.MethodNotAllowed, "This page can't be used like that")]
    [InlineData("GET", "/account/sessions/end", HttpStatusCode.MethodNotAllowed, "This page can't be used like that")]
    public async Task A_person_gets_a_page_and_a_program_the_bare_status(string method, string path, HttpStatusCode status, string title)
    {
        using var forPerson = await SendAsync(method, path, Browsers);
        Assert.Equal(status, forPerson.StatusCode);
        var page = new HtmlParser().ParseDocument(await forPerson.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(title, page.QuerySelector("h1")!.TextContent);
        Assert.Equal("/", page.QuerySelector("[data-testid=way]")!.GetAttribute("href"));
        Assert.Equal(status == HttpStatusCode.MethodNotAllowed, forPerson.Content.Headers.Allow.Count > 0);

        foreach (var accept in new[] { null, "application/json", "*/*" })
        {
            using var forProgram = await SendAsync(method, path, accept);
            Assert.Equal(status, forProgram.StatusCode);
            Assert.Empty(await forProgram.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("/connect/register")]
    [InlineData("/connect/par/")]
    [InlineData("/sign-in/any/backchannel-logout")]
    public async Task Where_programs_ask_there_is_never_a_page(string path)
    {
        using var answer = await SendAsync("GET", path, Browsers);
        Assert.NotEqual("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.InRange((int)answer.StatusCode, 400, 499);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/sign-in")]
    [InlineData("/device")]
    [InlineData("/device/done")]
    [InlineData("/device/denied")]
    [InlineData("/signed-out")]
    [InlineData("/sign-out")]
    [InlineData("/account")]
    [InlineData("/account/password")]
    [InlineData("/account/sign-out-everywhere")]
    [InlineData("/consent")]
    public async Task HEAD_is_answered_as_GET_is_without_the_page(string path)
    {
        using var get = await SendAsync("GET", path, Browsers);
        using var head = await SendAsync("HEAD", path, Browsers);
        Assert.Equal((get.StatusCode, get.Headers.Location), (head.StatusCode, head.Headers.Location));
        Assert.NotEqual(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/", "Authorization server")]
    [InlineData("/sign-in", "Sign in · Authorization server")]
    public async Task A_title_names_the_page_and_the_service_once(string path, string title) =>
        Assert.Equal(title, (await stack.Flow().Browser.GoAsync(path)).Title);

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string? accept)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (accept is not null)
        {
            request.Headers.Add("Accept", accept);
        }

        return await stack.Server.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
