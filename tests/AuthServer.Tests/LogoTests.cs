using System.Net;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

public sealed class LogoTests(Surroundings stack) : IClassFixture<Surroundings>, IAsyncLifetime
{
    private static readonly byte[] Png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3];

    private TestClient _client = null!;
    private int _asked;

    public async ValueTask InitializeAsync()
    {
        _client = await TestClient.StartAsync();
        _client.Document["logo_uri"] = _client.LogoUri;
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task A_logo_is_fetched_once_and_served_by_us_beside_the_name()
    {
        Serve(Png, "text/plain");
        var logo = (await ConsentAsync()).Html.QuerySelector("[data-testid=logo]")!;
        Assert.Equal("Logo of Test client", logo.GetAttribute("alt"));
        Assert.StartsWith("/clients/logo/", logo.GetAttribute("src"));

        var response = await stack.Server.Client.GetAsync(logo.GetAttribute("src"), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "image/png"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Equal(Png, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.StartsWith("default-src 'none'; frame", Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
        Assert.True(response.Headers.CacheControl!.MaxAge > TimeSpan.FromDays(1));

        stack.Server.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(logo.GetAttribute("src"), (await ConsentAsync()).Html.QuerySelector("[data-testid=logo]")!.GetAttribute("src"));
        Assert.Equal((2, 1), (_client.Requests, _asked));
    }

    [Theory]
    [InlineData("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")]
    [InlineData("image/png", "<html>")]
    [InlineData("image/png", "")]
    public async Task What_is_no_image_by_its_first_bytes_is_left_out(string mediaType, string content)
    {
        Serve(System.Text.Encoding.UTF8.GetBytes(content), mediaType);
        await NoLogoAsync();
    }

    [Fact]
    public async Task A_logo_over_64_KB_is_left_out()
    {
        Serve([.. Png, .. new byte[64 * 1024]], "image/png");
        await NoLogoAsync();
    }

    [Fact]
    public async Task A_logo_that_is_not_there_or_elsewhere_is_left_out()
    {
        _client.Logo = context => { context.Response.StatusCode = 404; return Task.CompletedTask; };
        await NoLogoAsync();
        _client.Logo = context => { context.Response.Redirect("/elsewhere"); return Task.CompletedTask; };
        stack.Server.Time.Advance(TimeSpan.FromMinutes(6));
        await NoLogoAsync();
    }

    [Theory]
    [InlineData("http://logo.example/logo.png")]
    [InlineData("data:image/png;base64,iVBORw0KGgo=")]
    [InlineData("nowhere")]
    public async Task A_logo_uri_that_the_guard_refuses_is_never_asked_and_no_fault_of_the_client(string uri)
    {
        _client.Document["logo_uri"] = uri;
        await NoLogoAsync();
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("x")]
    public async Task What_is_not_kept_is_not_found(string digest) =>
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Server.Client.GetAsync($"/clients/logo/{digest}", TestContext.Current.CancellationToken)).StatusCode);

    private void Serve(byte[] content, string mediaType) => _client.Logo = context =>
    {
        _asked++;
        context.Response.ContentType = mediaType;
        return context.Response.Body.WriteAsync(content).AsTask();
    };

    private async Task NoLogoAsync()
    {
        var page = await ConsentAsync();
        Assert.NotNull(page.Html.QuerySelector("[data-testid=allow]"));
        Assert.Null(page.Html.QuerySelector("[data-testid=logo]"));
    }

    private async Task<Page> ConsentAsync()
    {
        var flow = new Flow(stack.Server, _client);
        return await flow.SignInAsync(await flow.AuthorizeAsync());
    }
}
