using System.Net;
using System.Text.Json.Nodes;
using McpAspire.McpServer.Tests.Stack;

namespace McpAspire.McpServer.Tests.Protocol;

public sealed class MessageTests(McpServerHost host) : IClassFixture<McpServerHost>
{
    [Theory]
    [InlineData("{")]
    [InlineData("{\"jsonrpc\":")]
    [InlineData("hello")]
    [InlineData("{} {}")]
    public async Task Malformed_json_is_a_parse_error(string body) => await AssertFaultAsync(body, -32700, "read as JSON");

    [Theory]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]")]
    public async Task What_is_not_one_message_is_an_invalid_request(string body) => await AssertFaultAsync(body, -32600, "one JSON-RPC message");

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}")]
    public async Task An_object_that_is_no_message_is_an_invalid_request(string body) => await AssertFaultAsync(body, -32600, "");

    [Fact]
    public async Task Json_may_be_64_levels_deep_and_no_deeper()
    {
        await AssertFaultAsync(Nested(65), -32700, "depth of 64");
        using var response = await host.SendAsync(McpRequests.Raw(Nested(64), host.Token()));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_body_may_have_4_megabytes_and_no_more()
    {
        using (var large = await host.SendAsync(McpRequests.Raw(Message(new string('x', 3 * 1024 * 1024)), host.Token())))
        {
            Assert.Equal(HttpStatusCode.OK, large.StatusCode);
            Assert.Contains("at most 10,000", (string?)(await large.JsonAsync())["result"]?["content"]?[0]?["text"], StringComparison.Ordinal);
        }

        // Else the client would still be sending when the answer comes and the connection closes.
        using var request = McpRequests.Raw(Message(new string('x', 4 * 1024 * 1024)), host.Token());
        request.Headers.ExpectContinue = true;
        using var oversized = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, oversized.StatusCode);
        Assert.Contains("larger than 4 MB", (string?)(await oversized.JsonAsync())["error"]?["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_oversized_body_without_a_length_is_refused_too()
    {
        using var request = McpRequests.Raw(Message(new string('x', 5 * 1024 * 1024)), host.Token());
        request.Headers.TransferEncodingChunked = true;
        using var response = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Another_content_type_is_refused()
    {
        using var request = McpRequests.Echo(host.Token());
        request.Content!.Headers.ContentType!.MediaType = "text/plain";
        using var response = await host.SendAsync(request);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData("""{"message":"\ud800"}""")]
    [InlineData("""{"\ud800":"a"}""")]
    [InlineData("""{"message":"a","more":[{"x":["\udfff"]}]}""")]
    [InlineData("""{"message":"a","more":{"a":[],"\udfff":1}}""")]
    public async Task A_string_with_half_of_a_surrogate_pair_is_a_parse_error(string arguments) =>
        await AssertFaultAsync(Call("secure_echo", arguments), -32700, "no Unicode text");

    [Fact]
    public async Task A_whole_surrogate_pair_is_text()
    {
        using var response = await host.SendAsync(McpRequests.Raw(Call("secure_echo", """{"message":"\ud83d\ude00"}"""), host.Token()));
        Assert.Equal("\U0001F600", (string?)(await response.JsonAsync())["result"]?["structuredContent"]?["echo"]);
    }

    [Fact]
    public async Task An_unknown_tool_is_an_invalid_params_error_that_names_it()
    {
        using var response = await host.SendAsync(McpRequests.Call("no_such_tool", token: host.Token()));
        var error = (await response.JsonAsync())["error"];
        Assert.Equal(-32602, (int?)error?["code"]);
        Assert.Contains("no_such_tool", (string?)error?["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_method_is_not_found()
    {
        using var response = await host.SendAsync(McpRequests.Message("no/such", token: host.Token()));
        Assert.Equal(-32601, (int?)(await response.JsonAsync())["error"]?["code"]);
    }

    [Theory]
    [InlineData("{}", "The argument 'message' is missing.")]
    [InlineData("{\"message\": 5}", "The argument 'message' must be of type string, not number.")]
    [InlineData("{\"message\": null}", "The argument 'message' must be of type string, not null.")]
    [InlineData("{\"message\": [\"a\"]}", "The argument 'message' must be of type string, not array.")]
    public async Task Wrong_arguments_are_an_error_result_that_says_what_to_send(string arguments, string message)
    {
        using var response = await host.SendAsync(McpRequests.Call("secure_echo", JsonNode.Parse(arguments)!.AsObject(), host.Token()));
        var result = (await response.JsonAsync())["result"];
        Assert.True((bool?)result?["isError"]);
        Assert.Equal(message, (string?)result?["content"]?[0]?["text"]);
    }

    [Theory]
    [InlineData("""{"count": 3}""", "3 red")]
    [InlineData("""{"count": 11}""", "The argument 'count' must be between 1 and 10.")]
    [InlineData("""{"count": "many"}""", "The argument 'count' must be of type integer, not string.")]
    [InlineData("""{"count": 1, "color": "blue"}""", "The argument 'color' must be one of: red, green.")]
    public async Task What_a_tool_declares_by_annotations_is_checked(string arguments, string text)
    {
        using var response = await host.SendAsync(McpRequests.Call("pick", JsonNode.Parse(arguments)!.AsObject(), host.Token()));
        Assert.Equal(text, (string?)(await response.JsonAsync())["result"]?["content"]?[0]?["text"]);
    }

    [Fact]
    public async Task A_tool_that_throws_tells_no_inner_detail()
    {
        using var response = await host.SendAsync(McpRequests.Call("fail", token: host.Token()));
        var result = (await response.JsonAsync())["result"];
        Assert.True((bool?)result?["isError"]);
        Assert.DoesNotContain("secret", result!.ToJsonString(), StringComparison.Ordinal);
    }

    private async Task AssertFaultAsync(string body, int code, string message)
    {
        using var response = await host.SendAsync(McpRequests.Raw(body, host.Token()));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var error = await response.JsonAsync();
        Assert.Equal("2.0", (string?)error["jsonrpc"]);
        Assert.Equal(code, (int?)error["error"]?["code"]);
        Assert.Contains(message, (string?)error["error"]?["message"], StringComparison.Ordinal);
    }

    private static string Message(string message) => Call("secure_echo", $$"""{"message":"{{message}}"}""");

    /// <summary>A message whose deepest array is at this level.</summary>
    private static string Nested(int depth) => Call("whoami", $$"""{"x":{{new string('[', depth - 3)}}{{new string(']', depth - 3)}}}""");

    private static string Call(string tool, string arguments) =>
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool + "\",\"arguments\":" + arguments + "}}";
}
