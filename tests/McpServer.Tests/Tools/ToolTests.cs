using System.Text.Json.Nodes;
using McpAspire.McpServer.Tests.Stack;

namespace McpAspire.McpServer.Tests.Tools;

public sealed class ToolTests(McpServerHost host) : IClassFixture<McpServerHost>
{
    [Fact]
    public async Task Echo_returns_the_message_and_the_name_of_who_sent_it()
    {
        var result = await CallAsync("secure_echo", new JsonObject { ["message"] = "Hello" }, host.Token());
        Assert.Equal("""{"echo":"Hello","user":"Alice Adams"}""", result["structuredContent"]?.ToJsonString());
        Assert.Equal("""{"echo":"Hello","user":"Alice Adams"}""", (string?)result["content"]?[0]?["text"]);
    }

    [Fact]
    public async Task Echo_names_the_subject_where_the_token_has_no_name()
    {
        var result = await CallAsync("secure_echo", new JsonObject { ["message"] = "Hello" }, host.Token(jwt => jwt.Payload.Remove("name")));
        Assert.Equal("7d1f", (string?)result["structuredContent"]?["user"]);
    }

    [Fact]
    public async Task A_message_may_have_10000_characters_and_no_more()
    {
        // Outside the basic plane a character is two UTF-16 units.
        var longest = string.Concat(Enumerable.Repeat("\U0001F600", 10_000));
        var result = await CallAsync("secure_echo", new JsonObject { ["message"] = longest }, host.Token());
        Assert.Equal(longest, (string?)result["structuredContent"]?["echo"]);

        result = await CallAsync("secure_echo", new JsonObject { ["message"] = longest + "x" }, host.Token());
        Assert.True((bool?)result["isError"]);
        Assert.Equal("The argument 'message' has 10,001 characters; at most 10,000 are allowed.", (string?)result["content"]?[0]?["text"]);
    }

    [Fact]
    public async Task Whoami_says_what_the_token_says()
    {
        var token = host.GoodToken();
        token.Payload["scope"] = "profile mcp:tools";
        var expires = DateTimeOffset.FromUnixTimeSeconds((long)token.Payload["exp"]!);
        var result = await CallAsync("whoami", [], token.Sign(host.AuthorizationServer.Keys[0]));
        var content = result["structuredContent"]!;
        Assert.Equal("7d1f", (string?)content["sub"]);
        Assert.Equal("Alice Adams", (string?)content["name"]);
        Assert.Equal("test-client", (string?)content["client_id"]);
        Assert.Equal("""["mcp:tools","profile"]""", content["scopes"]?.ToJsonString());
        Assert.Equal(expires, DateTimeOffset.Parse((string)content["expires_at"]!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.InRange((int)content["expires_in"]!, 298, 300);
    }

    [Fact]
    public async Task Whoami_without_a_name_keeps_to_its_output_schema()
    {
        var result = await CallAsync("whoami", [], host.Token(jwt => jwt.Payload.Remove("name")));
        Assert.False((bool?)result["isError"] ?? false);
        var content = result["structuredContent"]!.AsObject();
        var required = (await ListAsync()).Single(tool => (string?)tool!["name"] == "whoami")!["outputSchema"]!["required"]!.AsArray();
        Assert.All(required, name => Assert.True(content.ContainsKey((string)name!), (string)name!));
    }

    [Theory]
    [InlineData("secure_echo", "Secure echo", "message")]
    [InlineData("whoami", "Who am I")]
    public async Task A_tool_describes_itself(string name, string title, params string[] arguments)
    {
        var tool = (await ListAsync()).Single(tool => (string?)tool!["name"] == name)!;
        Assert.Equal(title, (string?)tool["title"] ?? (string?)tool["annotations"]?["title"]);
        Assert.NotEmpty((string?)tool["description"] ?? "");
        Assert.Equal("object", (string?)tool["outputSchema"]?["type"]);
        Assert.True((bool?)tool["annotations"]?["readOnlyHint"]);
        Assert.True((bool?)tool["annotations"]?["idempotentHint"]);
        Assert.False((bool?)tool["annotations"]?["destructiveHint"]);
        Assert.False((bool?)tool["annotations"]?["openWorldHint"]);
        var properties = tool["inputSchema"]?["properties"]?.AsObject() ?? [];
        Assert.Equal(arguments, properties.Select(property => property.Key));
        Assert.All(properties, property => Assert.NotEmpty((string?)property.Value?["description"] ?? ""));
    }

    private async Task<JsonArray> ListAsync()
    {
        using var response = await host.SendAsync(McpRequests.Message("tools/list", token: host.Token()));
        return (await response.JsonAsync())["result"]!["tools"]!.AsArray();
    }

    private async Task<JsonNode> CallAsync(string tool, JsonObject arguments, string token)
    {
        using var response = await host.SendAsync(McpRequests.Call(tool, arguments, token));
        return (await response.JsonAsync())["result"]!;
    }
}
