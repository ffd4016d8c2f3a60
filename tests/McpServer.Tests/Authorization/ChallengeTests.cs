using System.Net;
using System.Net.Http.Headers;
using McpAspire.McpServer.Tests.Stack;

namespace McpAspire.McpServer.Tests.Authorization;

public sealed class ChallengeTests(McpServerHost host) : IClassFixture<McpServerHost>
{
    [Fact]
    public async Task Without_a_token_the_challenge_names_scope_and_metadata_and_no_error()
    {
        using var response = await host.SendAsync(McpRequests.Echo(token: null));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal($"Bearer scope=\"mcp:tools\", resource_metadata=\"{host.MetadataUrl}\"", response.Challenge());
        Assert.True(response.Headers.CacheControl!.NoStore);
    }

    [Theory]
    [InlineData("Basic YWxpY2U6YWxpY2U=")]
    [InlineData("Bearer")]
    [InlineData("DPoP abc")]
    public async Task Another_scheme_is_no_token(string authorization)
    {
        using var request = McpRequests.Echo(token: null);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal($"Bearer scope=\"mcp:tools\", resource_metadata=\"{host.MetadataUrl}\"", response.Challenge());
    }

    [Fact]
    public async Task A_bad_token_gets_the_error_its_description_scope_and_metadata()
    {
        using var response = await host.SendAsync(McpRequests.Echo(host.Token(jwt => jwt.Payload.Remove("sub"))));
        Assert.Equal(
            "Bearer error=\"invalid_token\", error_description=\"The access token has no sub claim.\", "
            + $"scope=\"mcp:tools\", resource_metadata=\"{host.MetadataUrl}\"",
            response.Challenge());
    }

    [Fact]
    public async Task The_challenge_of_a_tool_as_rest_is_the_same()
    {
        using var response = await host.Http.PostAsync("/tools/secure_echo", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal($"Bearer scope=\"mcp:tools\", resource_metadata=\"{host.MetadataUrl}\"", response.Challenge());
    }

    [Theory]
    [InlineData("/mcp")]
    [InlineData("/tools/secure_echo")]
    public async Task A_token_without_the_servers_scope_is_refused(string path)
    {
        using var request = McpRequests.Echo(host.Token(jwt => jwt.Payload["scope"] = "openid mcp:toolsx"));
        request.RequestUri = new Uri(path, UriKind.Relative);
        using var response = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.StartsWith("Bearer error=\"insufficient_scope\", error_description=\"", response.Challenge(), StringComparison.Ordinal);
        Assert.EndsWith($"scope=\"mcp:tools\", resource_metadata=\"{host.MetadataUrl}\"", response.Challenge(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_declares_a_scope_is_refused_with_all_scopes_that_the_call_needs()
    {
        using var response = await host.SendAsync(McpRequests.Call("read_diary", token: host.Token()));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(
            "Bearer error=\"insufficient_scope\", "
            + "error_description=\"The tool read_diary needs an access token with the scope mcp:tools diary:read.\", "
            + $"scope=\"mcp:tools diary:read\", resource_metadata=\"{host.MetadataUrl}\"",
            response.Challenge());
        Assert.Equal("insufficient_scope", (string?)(await response.JsonAsync())["error"]);
    }

    [Fact]
    public async Task A_tool_that_declares_a_scope_runs_for_a_token_that_has_it()
    {
        using var response = await host.SendAsync(
            McpRequests.Call("read_diary", token: host.Token(jwt => jwt.Payload["scope"] = "diary:read mcp:tools")));
        Assert.Equal("Dear diary", (string?)(await response.JsonAsync())["result"]?["content"]?[0]?["text"]);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"secure_echo","Name":"read_diary","arguments":{"message":"x"}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"secure_echo"},"params":{"name":"read_diary"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call","params":{"name":"read_diary"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools\/call","params":{"\u006eame":"read_diary"}}""")]
    public async Task Naming_two_tools_or_hiding_the_name_does_not_pass_the_scope_rule(string body)
    {
        using var response = await host.SendAsync(McpRequests.Raw(body, host.Token()));
        Assert.True(response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest, response.StatusCode.ToString());
    }

    [Theory]
    [InlineData("/mcp?access_token=abc", false)]
    [InlineData("/mcp?access_token=abc", true)]
    [InlineData("/tools/secure_echo?x=1&access_token=abc", true)]
    public async Task A_token_in_the_query_is_refused_even_beside_a_good_header(string path, bool header)
    {
        using var request = McpRequests.Echo(header ? host.Token() : null);
        request.RequestUri = new Uri(path, UriKind.Relative);
        using var response = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith("Bearer error=\"invalid_request\"", response.Challenge(), StringComparison.Ordinal);
        Assert.Equal("invalid_request", (string?)(await response.JsonAsync())["error"]);
    }

    [Fact]
    public async Task A_token_in_a_form_is_not_taken()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/tools/secure_echo")
        {
            Content = new FormUrlEncodedContent([new("access_token", host.Token()), new("message", "Hello")]),
        };
        using var response = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Two_tokens_in_one_request_are_refused()
    {
        using var request = McpRequests.Echo(token: null);
        request.Headers.TryAddWithoutValidation("Authorization", [$"Bearer {host.Token()}", $"Bearer {host.Token()}"]);
        using var response = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_challenge_can_be_parsed()
    {
        using var response = await host.SendAsync(McpRequests.Echo("nonsense"));
        var challenge = Assert.Single(response.Headers.WwwAuthenticate);
        Assert.Equal("Bearer", challenge.Scheme);
        var parameters = challenge.Parameter!.Split(", ").Select(NameValueHeaderValue.Parse).ToDictionary(pair => pair.Name, pair => pair.Value!.Trim('"'));
        Assert.Equal(host.MetadataUrl, parameters["resource_metadata"]);
        Assert.Equal("mcp:tools", parameters["scope"]);
    }
}
