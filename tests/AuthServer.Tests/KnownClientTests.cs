using System.Net;
using System.Text;
using System.Text.Json;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

/// <summary>Clients that people use, as they describe themselves (<c>KnownClients/README.md</c> says where that is from).</summary>
public sealed class KnownClientTests(Surroundings stack) : IClassFixture<Surroundings>
{
    [Theory]
    [InlineData("vscode", "http://127.0.0.1:49152/", "native")]
    [InlineData("vscode", "https://vscode.dev/redirect", "native")]
    [InlineData("vscode-2025", "http://127.0.0.1:33418/", "native")]
    [InlineData("vscode-2025", "http://localhost:49152/", "native")]
    [InlineData("inspector", "http://localhost:6274/oauth/callback", "native")]
    [InlineData("inspector", "http://localhost:6274/oauth/callback/debug", "native")]
    [InlineData("cursor", "cursor://anysphere.cursor-mcp/oauth/callback", "native")]
    [InlineData("cursor", "https://www.cursor.com/agents/mcp/oauth/callback", "native")]
    [InlineData("cursor", "http://localhost:8787/callback", "native")]
    public async Task A_known_client_registers_and_gets_tokens(string name, string redirect, string applicationType)
    {
        using var body = new StringContent(await TextAsync("Registrations", name), Encoding.UTF8, "application/json");
        var registration = await Answer.OfAsync(await stack.Server.Client.PostAsync("/connect/register", body, TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Created, registration.Status);
        Assert.Equal(("none", applicationType), (registration.Text("token_endpoint_auth_method"), registration.Text("application_type")));
        Assert.NotNull((await TokensAsync(registration.Text("client_id")!, redirect)).Text("refresh_token"));
    }

    [Theory]
    [InlineData("vscode", "http://127.0.0.1:49152/")]
    [InlineData("vscode", "https://vscode.dev/redirect")]
    [InlineData("claude", "https://claude.ai/api/mcp/auth_callback")]
    [InlineData("claude-code", "http://localhost:3118/callback")]
    [InlineData("claude-code", "http://127.0.0.1:49152/callback")]
    public async Task A_document_of_a_known_client_is_taken_and_it_gets_tokens(string name, string redirect)
    {
        await using var site = await ServeAsync(name);
        Assert.NotNull((await TokensAsync(site.Id, redirect)).Text("refresh_token"));
    }

    [Fact]
    public async Task A_document_that_lists_two_methods_and_has_its_keys_elsewhere_is_taken_as_a_client_with_keys()
    {
        await using var site = await ServeAsync("chatgpt");
        const string redirect = "https://chatgpt.com/connector_platform_oauth_redirect";
        var flow = FlowOf(site.Id, redirect);
        var code = await flow.CodeAsync(flow.Request("mcp:tools"));
        var fields = flow.CodeRequest(code);
        fields["client_id"] = site.Id;
        var answer = await Answer.OfAsync(await stack.Server.Client.PostAsync("/connect/token", new FormUrlEncodedContent(fields!), TestContext.Current.CancellationToken));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (answer.Status, answer.Error));
    }

    [Theory]
    [InlineData("vscode", "http://127.0.0.1:49152/")]
    [InlineData("claude", "https://claude.ai/api/mcp/auth_callback")]
    public async Task A_document_that_the_operator_brings_in_is_never_fetched(string name, string redirect)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "KnownClients", "Documents", $"{name}.json");
        var clientId = JsonDocument.Parse(await TextAsync("Documents", name)).RootElement.GetProperty("client_id").GetString()!;
        await using var server = await RunningAuthServer.StartAsync(
            stack.Redis.ConnectionString, settings: [("Clients:1:ClientId", clientId), ("Clients:1:Document", path), ("ClientDocuments:DeniedHosts:0", new Uri(clientId).Host)]);
        server.Time.Advance(TimeSpan.FromDays(2));
        Assert.NotNull((await TokensAsync(clientId, redirect, server)).AccessToken);
    }

    [Fact]
    public async Task A_document_may_stand_in_the_settings_themselves()
    {
        await using var server = await RunningAuthServer.StartAsync(stack.Redis.ConnectionString, settings:
        [
            ("Clients:1:ClientId", "https://app.example/client.json"),
            ("Clients:1:Document:client_id", "https://app.example/client.json"),
            ("Clients:1:Document:client_name", "App"),
            ("Clients:1:Document:redirect_uris:0", "https://app.example/cb"),
            ("Clients:1:Document:backchannel_logout_session_required", "True"),
        ]);
        Assert.NotNull((await TokensAsync("https://app.example/client.json", "https://app.example/cb", server)).AccessToken);
    }

    [Fact]
    public async Task A_client_whose_document_the_operator_brings_in_may_have_to_push()
    {
        await using var server = await RunningAuthServer.StartAsync(stack.Redis.ConnectionString, settings:
        [
            ("Clients:1:ClientId", "https://app.example/client.json"),
            ("Clients:1:RequirePushed", "true"),
            ("Clients:1:Document:client_id", "https://app.example/client.json"),
            ("Clients:1:Document:client_name", "App"),
            ("Clients:1:Document:redirect_uris:0", "https://app.example/cb"),
        ]);
        var flow = FlowOf("https://app.example/client.json", "https://app.example/cb", server);
        Assert.Equal("invalid_request", (await flow.AuthorizeAsync()).Query("error"));
    }

    [Theory]
    [InlineData("Clients:1:Document", "nowhere.json", "nowhere.json")]
    [InlineData("Clients:1:Document:client_id", "https://elsewhere.example/client.json", "client_id")]
    [InlineData("Clients:1:Document:client_name", " ", "client_name")]
    [InlineData("Clients:1:Name", "Mine", "'Document'")]
    [InlineData("Clients:1:Native", "true", "'Document'")]
    [InlineData("Clients:1:BackChannelLogoutSessionRequired", "true", "'Document'")]
    [InlineData("Clients:1:Resources:0", "https://elsewhere.example", "'Resources'")]
    public async Task A_document_that_can_not_be_used_stops_the_start(string setting, string value, string says)
    {
        (string, string)[] settings =
        [
            ("Clients:1:ClientId", "https://app.example/client.json"),
            .. setting == "Clients:1:Document" ? Array.Empty<(string, string)>() :
            [
                ("Clients:1:Document:client_id", "https://app.example/client.json"),
                ("Clients:1:Document:client_name", "App"),
                ("Clients:1:Document:redirect_uris:0", "https://app.example/cb"),
            ],
            (setting, value),
        ];
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningAuthServer.StartAsync(stack.Redis.ConnectionString, settings: settings));
        Assert.Contains(says, refusal.Message);
    }

    private static Task<string> TextAsync(string folder, string name) =>
        File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "KnownClients", folder, $"{name}.json"), TestContext.Current.CancellationToken);

    /// <summary>Serves the document from loopback: its client_id is the new URL, and its logo is not asked for.</summary>
    private static async Task<TestClient> ServeAsync(string name)
    {
        var site = await TestClient.StartAsync();
        site.Document.Clear();
        foreach (var member in JsonDocument.Parse(await TextAsync("Documents", name)).RootElement.EnumerateObject().Where(member => member.Name != "logo_uri"))
        {
            site.Document[member.Name] = member.Value;
        }

        site.Document["client_id"] = site.Id;
        return site;
    }

    private Flow FlowOf(string clientId, string redirect, RunningAuthServer? server = null) =>
        new(server ?? stack.Server, new TestClient { Id = clientId, RedirectUri = redirect });

    private async Task<Answer> TokensAsync(string clientId, string redirect, RunningAuthServer? server = null)
    {
        var flow = FlowOf(clientId, redirect, server);
        var fields = flow.CodeRequest(await flow.CodeAsync(flow.Request("mcp:tools")));
        fields["client_id"] = clientId;
        var answer = await Answer.OfAsync(await flow.Server.Client.PostAsync("/connect/token", new FormUrlEncodedContent(fields!), TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer;
    }
}
