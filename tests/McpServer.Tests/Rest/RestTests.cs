using System.Net;
using System.Text;
using McpAspire.McpServer.Tests.Stack;

namespace McpAspire.McpServer.Tests.Rest;

public sealed class RestTests(McpServerHost host) : IClassFixture<McpServerHost>
{
    [Fact]
    public async Task The_root_says_what_this_is()
    {
        using var response = await host.Http.GetAsync("/", TestContext.Current.CancellationToken);
        var body = await response.JsonAsync();
        Assert.Equal("MCP OAuth2 Server is running.", (string?)body["message"]);
        Assert.Equal(host.Resource, (string?)body["mcp"]);
        Assert.Equal(host.MetadataUrl, (string?)body["resource_metadata"]);
    }

    [Fact]
    public async Task Secure_echo_answers_with_the_message_and_the_user()
    {
        using var response = await PostAsync("""{"message": "Hello, OAuth!"}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"echo":"Hello, OAuth!","user":"Alice Adams"}""", (await response.JsonAsync()).ToJsonString());
    }

    [Theory]
    [InlineData("", "not well-formed JSON")]
    [InlineData("{", "not well-formed JSON")]
    [InlineData("""{"message":"a","message":"b"}""", "not well-formed JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{}", "'message' is missing")]
    [InlineData("""{"message": 1}""", "must be of type string")]
    [InlineData("""{"message": "\ud800"}""", "must be Unicode text")]
    [InlineData("""{"\ud800": "a"}""", "not well-formed JSON")]
    [InlineData("""{"message": "a", "x\udfff": {}}""", "not well-formed JSON")]
    public async Task A_bad_body_is_answered_with_what_to_send(string body, string reason)
    {
        using var response = await PostAsync(body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var detail = (string?)(await response.JsonAsync())["detail"];
        Assert.Contains(reason, detail, StringComparison.Ordinal);
        Assert.Contains("""{"message": "Hello"}""", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_not_json_by_its_type_is_refused()
    {
        using var response = await PostAsync("message=Hello", "application/x-www-form-urlencoded");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("application/json", (string?)(await response.JsonAsync())["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_over_64_kilobytes_is_refused()
    {
        using var response = await PostAsync($$"""{"message": "{{new string('x', 70_000)}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task What_is_not_there_is_a_problem_document()
    {
        using var response = await host.Http.GetAsync("/nowhere", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    private async Task<HttpResponseMessage> PostAsync(string body, string type = "application/json")
    {
        using var request = McpRequests.Raw("", host.Token());
        request.RequestUri = new Uri("/tools/secure_echo", UriKind.Relative);
        request.Content = new StringContent(body, Encoding.UTF8, type);
        return await host.SendAsync(request);
    }
}
