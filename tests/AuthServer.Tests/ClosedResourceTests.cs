using System.Net;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests;

/// <summary>What was granted is judged by the settings of now: an operator closes a resource, or takes something from a client.</summary>
public sealed class ClosedResourceTests : IAsyncLifetime
{
    private const string Other = "https://other.example/mcp";
    private const string Web = "web";
    private const string Callback = "https://web.example/cb";
    private const string Device = "television";

    private readonly RedisServer _redis = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("authserver-tests-").FullName;
    private TestClient _client = null!;
    private RunningAuthServer _server = null!;

    public async ValueTask InitializeAsync() => _client = await TestClient.StartAsync();

    [Fact]
    public async Task A_resource_that_is_closed_to_strangers_gives_them_no_more_tokens_until_it_is_open_again()
    {
        await StartAsync();
        var flow = new Flow(_server, _client);
        var tokens = await flow.TokensAsync();

        await StartAsync(("Resources:0:Strangers", "false"));
        var refused = await new Flow(_server, _client).TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_target"), (refused.Status, refused.Error));

        await StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await new Flow(_server, _client).TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
    }

    [Fact]
    public async Task A_code_for_a_resource_that_is_closed_meanwhile_gives_nothing()
    {
        await StartAsync();
        var flow = new Flow(_server, _client);
        var code = flow.CodeRequest(await flow.CodeAsync());

        await StartAsync(("Resources:0:Strangers", "false"));
        Assert.Equal("invalid_target", (await new Flow(_server, _client).TokenAsync(code)).Error);
    }

    [Fact]
    public async Task A_configured_client_that_loses_a_resource_gets_no_more_tokens_for_it()
    {
        await StartAsync();
        var tokens = await TokensOfWebAsync("mcp:tools");

        await StartAsync(("Clients:1:Resources:0", Other));
        Assert.Equal("invalid_target", (await RefreshWebAsync(tokens)).Error);
    }

    [Fact]
    public async Task A_resource_that_is_gone_from_the_settings_gets_no_more_tokens()
    {
        await StartAsync();
        var tokens = await TokensOfWebAsync("mcp:tools");

        await StartAsync(("Resources:0:Uri", "http://localhost:5200/moved"));
        Assert.Equal("invalid_target", (await RefreshWebAsync(tokens)).Error);
    }

    [Fact]
    public async Task A_scope_that_a_client_loses_is_left_out_for_good_and_without_any_left_it_is_refused()
    {
        await StartAsync();
        var tokens = await TokensOfWebAsync("mcp:tools notes:write profile");

        await StartAsync(("Clients:1:Scope", "mcp:tools notes:read openid"));
        tokens = await RefreshWebAsync(tokens);
        Assert.Equal("mcp:tools notes:read", tokens.Access.GetClaim("scope").Value);
        Assert.DoesNotContain(tokens.Access.Claims, claim => claim.Type == "name");
        Assert.Equal("mcp:tools notes:read", tokens.Text("scope"));

        await StartAsync();
        tokens = await RefreshWebAsync(tokens);
        Assert.Equal("mcp:tools notes:read", tokens.Text("scope"));

        await StartAsync(("Clients:1:Scope", "openid"));
        Assert.Equal("invalid_scope", (await RefreshWebAsync(tokens)).Error);
    }

    [Fact]
    public async Task A_scope_that_a_resource_loses_is_left_out_and_without_any_left_it_is_refused_and_nothing_is_redeemed()
    {
        await StartAsync();
        var all = await TokensOfWebAsync("mcp:tools notes:write profile offline_access");
        var notes = await TokensOfWebAsync("notes:write");
        var flow = OfWeb();
        var code = flow.CodeRequest(await flow.CodeAsync(flow.Request("mcp:tools notes:write")));

        await StartAsync(("Resources:0:Scope", "mcp:tools"));
        var left = await RefreshWebAsync(all);
        Assert.Equal("mcp:tools profile offline_access", left.Access.GetClaim("scope").Value);
        Assert.Equal("invalid_scope", (await RefreshWebAsync(notes)).Error);
        Assert.Equal("mcp:tools", (await PostAsync(OfWeb(), code)).Access.GetClaim("scope").Value);

        await StartAsync();
        Assert.Equal("mcp:tools profile offline_access", (await RefreshWebAsync(left)).Access.GetClaim("scope").Value);
        Assert.Equal("notes:read notes:write", (await RefreshWebAsync(notes)).Access.GetClaim("scope").Value);
    }

    [Fact]
    public async Task A_device_that_loses_a_scope_or_its_resource_after_it_was_allowed_gets_tokens_without_it_or_none()
    {
        await StartAsync();
        var (one, other) = (await AllowDeviceAsync("mcp:tools notes:write"), await AllowDeviceAsync("mcp:tools"));

        await StartAsync(("Clients:2:Scope", "mcp:tools notes:read"));
        using (var device = new DeviceFlow(_server, Device))
        {
            var tokens = await device.PollAsync(one);
            Assert.Equal(("mcp:tools notes:read", "mcp:tools notes:read"), (tokens.Text("scope"), tokens.Access.GetClaim("scope").Value));
        }

        await StartAsync(("Clients:2:Resources:0", Other));
        using (var device = new DeviceFlow(_server, Device))
        {
            Assert.Equal("invalid_target", (await device.PollAsync(other)).Error);
        }

        await StartAsync();
        using (var device = new DeviceFlow(_server, Device))
        {
            Assert.Equal(HttpStatusCode.OK, (await device.PollAsync(other)).Status);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _client.DisposeAsync();
        _redis.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Starts the service, or starts it again with these settings.</summary>
    private async Task StartAsync(params (string Key, string Value)[] settings)
    {
        var before = _server;
        await (before?.DisposeAsync() ?? default);
        _server = await RunningAuthServer.StartAsync(_redis.ConnectionString, before?.Port ?? 0, folder: _folder, time: before?.Time, settings:
        [
            ("Resources:1:Name", "Other"), ("Resources:1:Uri", Other), ("Clients:1:ClientId", Web), ("Clients:1:RedirectUris:0", Callback),
            ("Clients:2:ClientId", Device), ("Clients:2:GrantTypes:0", DeviceFlow.Grant), .. settings,
        ]);
    }

    /// <summary>A person allows a device all that it asks for; its code waits to be redeemed.</summary>
    private async Task<string> AllowDeviceAsync(string scope)
    {
        using var device = new DeviceFlow(_server, Device);
        var asked = await device.AskAsync(scope);
        Assert.Equal("/device/done", (await device.AnswerAsync(await device.ToQuestionAsync(asked.Text("user_code")!))).Url.AbsolutePath);
        return asked.Text("device_code")!;
    }

    private Flow OfWeb() => new(_server, new TestClient { Id = Web, RedirectUri = Callback });

    private async Task<Answer> TokensOfWebAsync(string scope)
    {
        var flow = OfWeb();
        return await PostAsync(flow, flow.CodeRequest(await flow.CodeAsync(flow.Request(scope))));
    }

    private Task<Answer> RefreshWebAsync(Answer tokens) => PostAsync(OfWeb(), Flow.RefreshRequest(tokens.RefreshToken));

    private static Task<Answer> PostAsync(Flow flow, Dictionary<string, string?> fields)
    {
        fields["client_assertion"] = fields["client_assertion_type"] = null;
        return flow.TokenAsync(fields);
    }
}
