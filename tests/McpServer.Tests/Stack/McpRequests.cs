using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpAspire.McpServer.Tests.Stack;

/// <summary>Raw HTTP requests to the MCP endpoint, and what comes back.</summary>
internal static class McpRequests
{
    public const string Latest = "2026-07-28";

    /// <summary>A message of the current revision, with the headers and metadata that it demands.</summary>
    public static HttpRequestMessage Message(string method, JsonObject? parameters = null, string? token = null)
    {
        parameters ??= [];
        parameters["_meta"] = new JsonObject
        {
            ["io.modelcontextprotocol/protocolVersion"] = Latest,
            ["io.modelcontextprotocol/clientInfo"] = new JsonObject { ["name"] = "test", ["version"] = "1" },
            ["io.modelcontextprotocol/clientCapabilities"] = new JsonObject(),
        };
        var body = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters };
        var request = Raw(body.ToJsonString(), token);
        request.Headers.Add("MCP-Protocol-Version", Latest);
        request.Headers.Add("Mcp-Method", method);
        if (parameters["name"] is { } name)
        {
            request.Headers.Add("Mcp-Name", name.ToString());
        }

        return request;
    }

    public static HttpRequestMessage Call(string tool, JsonObject? arguments = null, string? token = null) =>
        Message("tools/call", new JsonObject { ["name"] = tool, ["arguments"] = arguments ?? [] }, token);

    public static HttpRequestMessage Echo(string? token) => Call("secure_echo", new JsonObject { ["message"] = "Hello" }, token);

    /// <summary>Any body, with no headers of the current revision.</summary>
    public static HttpRequestMessage Raw(string body, string? token)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return request;
    }

    public static Task<HttpResponseMessage> SendAsync(this McpServerHost host, HttpRequestMessage request) =>
        host.Http.SendAsync(request, TestContext.Current.CancellationToken);

    /// <summary>The JSON of an answer, whether it came as JSON or as the one event of a stream.</summary>
    public static async Task<JsonNode> JsonAsync(this HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var data = text.Split('\n').LastOrDefault(static line => line.StartsWith("data: ", StringComparison.Ordinal));
        try
        {
            return JsonNode.Parse(data is null ? text : data["data: ".Length..])!;
        }
        catch (JsonException exception)
        {
            throw new InvalidOperationException($"{(int)response.StatusCode}, not JSON: {text}", exception);
        }
    }

    public static string Challenge(this HttpResponseMessage response) => Assert.Single(response.Headers.NonValidated["WWW-Authenticate"]);
}
