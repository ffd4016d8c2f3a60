using System.Net;
using McpAspire.McpServer.Tests.Stack;

namespace McpAspire.McpServer.Tests.Protocol;

public sealed class NetworkTests(McpServerHost host) : IClassFixture<McpServerHost>
{
    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost:1")]
    public async Task A_foreign_host_is_refused(string name)
    {
        using var request = McpRequests.Echo(host.Token());
        request.Headers.Host = name;
        using var response = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Forwarded_headers_of_strangers_change_nothing()
    {
        using var request = McpRequests.Echo(token: null);
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("Forwarded", "host=evil.example;proto=https");
        using var response = await host.SendAsync(request);
        Assert.Equal($"Bearer scope=\"mcp:tools\", resource_metadata=\"{host.MetadataUrl}\"", response.Challenge());
    }

    [Theory]
    [InlineData("/mcp")]
    [InlineData("/tools/secure_echo")]
    public async Task A_foreign_origin_is_refused(string path)
    {
        using var request = McpRequests.Echo(host.Token());
        request.RequestUri = new Uri(path, UriKind.Relative);
        request.Headers.Add("Origin", "https://evil.example");
        using var response = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_configured_origin_may_call_and_read_the_challenge()
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/mcp");
        preflight.Headers.Add("Origin", "https://app.example");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization,content-type,mcp-method");
        using var allowed = await host.SendAsync(preflight);
        Assert.Equal("https://app.example", Assert.Single(allowed.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal("authorization,content-type,mcp-method", Assert.Single(allowed.Headers.GetValues("Access-Control-Allow-Headers")));

        using var request = McpRequests.Echo(token: null);
        request.Headers.Add("Origin", "https://app.example");
        using var response = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("https://app.example", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains("WWW-Authenticate", string.Join(',', response.Headers.GetValues("Access-Control-Expose-Headers")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_own_origin_may_call()
    {
        using var request = McpRequests.Echo(host.Token());
        request.Headers.Add("Origin", host.PublicUrl);
        using var response = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
