using System.Net;
using McpAspire.ServiceDefaults.PublicUrls;
using Xunit;

namespace McpAspire.ServiceDefaults.Tests;

public sealed class InboundRulesTests : IAsyncLifetime
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private TestService _service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _service = await TestService.StartAsync(("AllowedOrigins:0", "https://friend.example"));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task A_page_under_another_loopback_name_is_redirected_to_the_public_url()
    {
        using var response = await SendAsync(HttpMethod.Get, "/page?a=b", host: $"127.0.0.1:{_service.Port}", accept: "text/html");
        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
        Assert.Equal($"{_service.Url}/page?a=b", response.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost:1")]
    [InlineData("localhost.evil.example")]
    public async Task A_foreign_Host_is_refused(string host)
    {
        using var response = await SendAsync(HttpMethod.Get, "/page", host);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_call_under_another_loopback_name_is_refused_since_only_pages_are_redirected()
    {
        using var response = await SendAsync(HttpMethod.Post, "/page", host: $"127.0.0.1:{_service.Port}", accept: "text/html");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("inside.example:81", "/keys", HttpStatusCode.NotFound)]
    [InlineData("INSIDE.example:81", "/door/a/back", HttpStatusCode.NotFound)]
    [InlineData("any-port.example:9", "/keys", HttpStatusCode.NotFound)]
    [InlineData("inside.example:82", "/keys", HttpStatusCode.BadRequest)]
    [InlineData("evil.example", "/keys", HttpStatusCode.BadRequest)]
    [InlineData("inside.example:81", "/page", HttpStatusCode.BadRequest)]
    [InlineData("inside.example:81", "/keys/more", HttpStatusCode.BadRequest)]
    [InlineData("inside.example:81", "/door/a/b/back", HttpStatusCode.BadRequest)]
    public async Task A_name_used_inside_is_accepted_on_the_named_paths_only(string host, string path, HttpStatusCode expected)
    {
        await using var service = await TestService.StartAsync(
            builder => builder.AddBackChannelPaths("/keys", "/door/{key}/back"),
            ("BackChannelHosts:0", "inside.example:81"), ("BackChannelHosts:1", "any-port.example"));
        using var request = new HttpRequestMessage(HttpMethod.Get, service.Url + path) { Headers = { Host = host } };
        using var response = await _http.SendAsync(request, Cancel);
        // Nothing lies behind these paths: what is let through is not found.
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Health_probes_come_by_address()
    {
        using var response = await SendAsync(HttpMethod.Get, "/health", host: "10.0.0.7:8080");
        Assert.Equal("Healthy", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Forwarded_headers_of_strangers_change_nothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_service.Url}/page");
        request.Headers.Add("X-Forwarded-For", "8.8.8.8");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        using var response = await _http.SendAsync(request, Cancel);
        Assert.Equal($"http localhost:{_service.Port} 127.0.0.1", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Forwarded_headers_of_a_known_proxy_are_taken()
    {
        await using var behindProxy = await TestService.StartAsync(("ForwardedHeaders:KnownProxies:0", "127.0.0.1"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{behindProxy.Url}/page");
        request.Headers.Add("X-Forwarded-For", "8.8.8.8");
        request.Headers.Add("X-Forwarded-Proto", "https");
        using var response = await _http.SendAsync(request, Cancel);
        Assert.Equal($"https localhost:{behindProxy.Port} 8.8.8.8", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Theory]
    [InlineData(null, HttpStatusCode.OK)]
    [InlineData("own", HttpStatusCode.OK)]
    [InlineData("https://friend.example", HttpStatusCode.OK)]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    public async Task A_POST_from_a_foreign_Origin_is_refused(string? origin, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_service.Url}/page");
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin == "own" ? _service.Url : origin);
        }

        using var response = await _http.SendAsync(request, Cancel);
        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("/page")]
    [InlineData("/nothing-here")]
    [InlineData("/fails")]
    public async Task Every_answer_has_the_security_headers(string path)
    {
        using var response = await SendAsync(HttpMethod.Get, path);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("same-origin", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.False(response.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("https://service.example", "/page", "max-age=31536000")]
    [InlineData("https://service.example", "/fails", "max-age=31536000")]
    [InlineData("https://localhost", "/page", null)]
    [InlineData("https://127.0.0.1", "/page", null)]
    [InlineData("http://localhost", "/page", null)]
    public async Task Browsers_keep_to_https_for_a_year_where_the_public_url_is_https_and_not_on_loopback(string publicUrl, string path, string? expected)
    {
        await using var service = await TestService.StartAsync(("PublicUrl", publicUrl));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{service.Port}{path}") { Headers = { Host = new Uri(publicUrl).Host } };
        using var response = await _http.SendAsync(request, Cancel);
        Assert.NotEqual(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(expected, response.Headers.TryGetValues("Strict-Transport-Security", out var values) ? values.Single() : null);
    }

    [Fact]
    public async Task A_body_over_64_KB_is_refused()
    {
        using var content = new ByteArrayContent(new byte[(64 * 1024) + 1]);
        using var response = await _http.PostAsync(new Uri($"{_service.Url}/page"), content, Cancel);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task No_log_line_at_any_level_holds_a_query_string()
    {
        // A rule for one provider would win over a rule for all.
        await using var service = await TestService.StartAsync(($"Logging:{typeof(TestKit.CapturedLogs).FullName}:LogLevel:Default", "Trace"));
        using (await _http.GetAsync(new Uri($"{service.Url}/page?code=s3cret-code"), Cancel))
        {
            Assert.Contains(service.Logs.Lines, line => line.Contains("GET /page 200", StringComparison.Ordinal));
            Assert.DoesNotContain(service.Logs.Lines, line => line.Contains("s3cret-code", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Nor_does_one_about_a_refused_request()
    {
        using (await SendAsync(HttpMethod.Get, "/page?code=s3cret-code"))
        using (await SendAsync(HttpMethod.Get, "/page?code=s3cret-code", host: "evil.example"))
        {
            Assert.Contains(_service.Logs.Lines, line => line.Contains("GET /page 200", StringComparison.Ordinal));
            Assert.DoesNotContain(_service.Logs.Lines, line => line.Contains("s3cret-code", StringComparison.Ordinal));
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? host = null, string? accept = null)
    {
        using var request = new HttpRequestMessage(method, _service.Url + path);
        request.Headers.Host = host;
        if (accept is not null)
        {
            request.Headers.Add("Accept", accept);
        }

        return await _http.SendAsync(request, Cancel);
    }
}
