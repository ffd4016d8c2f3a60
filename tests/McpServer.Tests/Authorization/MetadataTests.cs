using System.Net;
using System.Text.Json.Nodes;
using McpAspire.McpServer.Tests.Stack;

namespace McpAspire.McpServer.Tests.Authorization;

public sealed class MetadataTests(McpServerHost host) : IClassFixture<McpServerHost>
{
    private const string Root = "/.well-known/oauth-protected-resource";

    [Theory]
    [InlineData(Root)]
    [InlineData(Root + "/mcp")]
    public async Task The_document_stands_at_its_root_form_and_its_path_form(string path)
    {
        using var response = await host.Http.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var expected = new JsonObject
        {
            ["resource"] = host.Resource,
            ["authorization_servers"] = new JsonArray(host.AuthorizationServer.Issuer),
            ["bearer_methods_supported"] = new JsonArray("header"),
            ["scopes_supported"] = new JsonArray("mcp:tools"),
            ["resource_name"] = "McpAspire MCP server",
        };
        var document = await response.JsonAsync();
        Assert.True(JsonNode.DeepEquals(expected, document), document.ToJsonString());
    }

    [Theory]
    [InlineData(Root + "/other")]
    [InlineData(Root + "/mcp/more")]
    [InlineData(Root + "/tools/secure_echo")]
    [InlineData("/mcp" + Root)]
    public async Task It_stands_nowhere_else(string path)
    {
        using var response = await host.Http.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized, response.StatusCode.ToString());
        Assert.DoesNotContain("authorization_servers", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Root)]
    [InlineData(Root + "/mcp")]
    [InlineData("/.well-known/oauth-authorization-server")]
    public async Task Pages_of_any_origin_may_read_it(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Origin", "https://anywhere.example");
        using var response = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task Old_clients_get_the_authorization_servers_own_document()
    {
        using var response = await host.Http.GetAsync("/.well-known/oauth-authorization-server", TestContext.Current.CancellationToken);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.True(JsonNode.DeepEquals(host.AuthorizationServer.Metadata(), await response.JsonAsync()));
    }
}
