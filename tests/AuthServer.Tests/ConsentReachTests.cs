using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests;

/// <summary>A remembered consent is for one redirect host, one resource and a year.</summary>
public sealed class ConsentReachTests : IAsyncLifetime
{
    private const string Other = "https://other.example/mcp";
    private const string Elsewhere = "https://elsewhere.example/cb";

    private readonly RedisServer _redis = new();
    private RunningAuthServer _server = null!;
    private Flow _flow = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningAuthServer.StartAsync(_redis.ConnectionString, settings:
        [
            ("Resources:1:Name", "Other"), ("Resources:1:Uri", Other), ("Clients:1:ClientId", "web"),
            ("Clients:1:RedirectUris:0", "https://web.example/cb"), ("Clients:1:RedirectUris:1", "https://web.example/other"), ("Clients:1:RedirectUris:2", Elsewhere),
        ]);
        _flow = new Flow(_server, new TestClient { Id = "web", RedirectUri = "https://web.example/cb" });
        await _flow.CodeAsync(Request());
    }

    [Theory]
    [InlineData("redirect_uri", "https://web.example/other", false)]
    [InlineData("redirect_uri", Elsewhere, true)]
    [InlineData("resource", "HTTP://LOCALHOST:5200/mcp", false)]
    [InlineData("resource", Other, true)]
    public async Task Another_redirect_host_and_another_resource_are_asked_for_anew(string parameter, string value, bool asked)
    {
        var request = Request();
        request[parameter] = value;
        Assert.Equal(asked, IsAsked(await _flow.AuthorizeAsync(request)));
    }

    [Fact]
    public async Task After_a_year_it_is_asked_for_anew()
    {
        Assert.False(await AskedAfterAsync(TimeSpan.FromDays(364)));
        Assert.True(await AskedAfterAsync(TimeSpan.FromDays(2)));
    }

    [Fact]
    public async Task Consents_that_are_given_in_several_tabs_at_once_are_all_remembered()
    {
        var flow = new Flow(_server, new TestClient { Id = "web", RedirectUri = "https://web.example/cb" });
        await flow.SignInAsync(await flow.Browser.GoAsync("/sign-in"), "bob");
        var tabs = new List<(Flow Flow, Page Page)>();
        foreach (var scope in new[] { "mcp:tools profile", "mcp:tools email", "mcp:tools notes:read", "mcp:tools profile", "mcp:tools email", "mcp:tools notes:read" })
        {
            var tab = flow.At(_server);
            tabs.Add((tab, await tab.AuthorizeAsync(flow.Request(scope))));
        }

        var answers = await Task.WhenAll(tabs.Select(tab => Task.Run(() => tab.Flow.AllowAsync(tab.Page))));

        Assert.All(answers, page => Assert.NotNull(page.Query("code")));
        Assert.False(IsAsked(await flow.AuthorizeAsync(flow.Request("mcp:tools profile email notes:read"))));
    }

    public async ValueTask DisposeAsync()
    {
        _flow.Browser.Dispose();
        await _server.DisposeAsync();
        _redis.Dispose();
    }

    private async Task<bool> AskedAfterAsync(TimeSpan time)
    {
        _server.Time.Advance(time);
        var page = await _flow.AuthorizeAsync(Request());
        Assert.Equal("/sign-in", page.Url.AbsolutePath);
        return IsAsked(await _flow.SignInAsync(page));
    }

    private Dictionary<string, string?> Request() => _flow.Request("mcp:tools openid");

    private static bool IsAsked(Page page)
    {
        var asked = page.Html.QuerySelector("[data-testid=allow]") is not null;
        Assert.NotEqual(asked, page.Query("code") is not null);
        return asked;
    }
}
