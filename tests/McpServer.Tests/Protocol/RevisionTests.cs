using System.Net;
using System.Text.Json.Nodes;
using McpAspire.McpServer.Tests.Stack;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpAspire.McpServer.Tests.Protocol;

public sealed class RevisionTests(McpServerHost host) : IClassFixture<McpServerHost>
{
    [Theory]
    [InlineData("2025-03-26")]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task A_client_of_an_older_revision_initializes_and_calls(string revision)
    {
        var token = host.Token();
        using (var response = await host.SendAsync(McpRequests.Raw(
            $$$"""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{},"clientInfo":{"name":"old","version":"1"},"protocolVersion":"{{{revision}}}" } }""", token)))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(revision, (string?)(await response.JsonAsync())["result"]?["protocolVersion"]);
        }

        using (var request = McpRequests.Raw("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", token))
        {
            request.Headers.Add("MCP-Protocol-Version", revision);
            using var response = await host.SendAsync(request);
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        }

        using (var request = McpRequests.Raw(
            """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"secure_echo","arguments":{"message":"Hello"}}}""", token))
        {
            request.Headers.Add("MCP-Protocol-Version", revision);
            using var response = await host.SendAsync(request);
            Assert.Equal("Hello", (string?)(await response.JsonAsync())["result"]?["structuredContent"]?["echo"]);
        }
    }

    [Fact]
    public async Task A_client_of_the_current_revision_discovers_and_calls()
    {
        using var response = await host.SendAsync(McpRequests.Message("server/discover", token: host.Token()));
        var result = (await response.JsonAsync())["result"];
        Assert.Contains(McpRequests.Latest, result?["supportedVersions"]?.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_revision_is_refused_with_the_versions_that_discovery_names()
    {
        using var discovered = await host.SendAsync(McpRequests.Message("server/discover", token: host.Token()));
        var versions = (await discovered.JsonAsync())["result"]?["supportedVersions"];

        using var request = McpRequests.Message("tools/list", token: host.Token());
        request.Headers.Remove("MCP-Protocol-Version");
        request.Headers.Add("MCP-Protocol-Version", "2099-01-01");
        using var response = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.True(JsonNode.DeepEquals(versions, (await response.JsonAsync())["error"]?["data"]?["supported"]));
    }

    [Theory]
    [InlineData(null, "2026-07-28")]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("2025-03-26", "2025-03-26")]
    public async Task The_sdks_client_lists_and_calls(string? asked, string negotiated)
    {
        await using var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(host.Resource),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {host.Token()}" },
        });
        await using var client = await McpClient.CreateAsync(
            transport, new McpClientOptions { ProtocolVersion = asked }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(negotiated, client.NegotiatedProtocolVersion);

        var tools = await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains(tools, tool => tool.Name == "secure_echo");

        var result = await client.CallToolAsync(
            "secure_echo", new Dictionary<string, object?> { ["message"] = "Grüße" }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("Grüße", result.StructuredContent?.GetProperty("echo").GetString());
        Assert.Equal("Alice Adams", result.StructuredContent?.GetProperty("user").GetString());
        Assert.IsType<TextContentBlock>(Assert.Single(result.Content));
    }
}
