using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests;

/// <summary>A client gets tokens for its resources only, wherever a grant begins.</summary>
public sealed class AllowedResourceTests : IAsyncLifetime
{
    private const string Other = "https://other.example/mcp";
    private const string Secret = "0123456789abcdef0123456789abcdef";

    private readonly RedisServer _redis = new();
    private RunningAuthServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningAuthServer.StartAsync(_redis.ConnectionString, settings:
    [
        ("Resources:1:Name", "Other"), ("Resources:1:Uri", Other),
        ("Clients:1:ClientId", "web"), ("Clients:1:Secret", Secret), ("Clients:1:RedirectUris:0", "https://web.example/cb"), ("Clients:1:Resources:0", Other),
        ("Clients:1:GrantTypes:0", "authorization_code"), ("Clients:1:GrantTypes:1", "client_credentials"), ("Clients:1:GrantTypes:2", DeviceFlow.Grant),
    ]);

    [Theory]
    [InlineData("/connect/par", Other, null)]
    [InlineData("/connect/par", RunningAuthServer.Resource, "invalid_target")]
    [InlineData("/connect/par", null, "invalid_target")]
    [InlineData("/connect/device", Other, null)]
    [InlineData("/connect/device", RunningAuthServer.Resource, "invalid_target")]
    [InlineData("/connect/device", null, "invalid_target")]
    [InlineData("/connect/token", Other, null)]
    [InlineData("/connect/token", RunningAuthServer.Resource, "invalid_target")]
    [InlineData("/connect/token", null, "invalid_target")]
    public async Task A_resource_or_a_default_that_it_may_not_have_is_refused(string path, string? resource, string? error)
    {
        var fields = new Dictionary<string, string?> { ["scope"] = "mcp:tools" };
        if (path == "/connect/par")
        {
            fields = new Flow(_server, new TestClient { Id = "web", RedirectUri = "https://web.example/cb" }).Request("mcp:tools");
        }
        else if (path == "/connect/token")
        {
            fields["grant_type"] = "client_credentials";
        }

        fields["resource"] = resource;
        fields["client_id"] = "web";
        fields["client_secret"] = Secret;
        var answer = await Answer.OfAsync(await _server.Client.PostAsync(
            path, new FormUrlEncodedContent(fields.Where(field => field.Value is not null)!), TestContext.Current.CancellationToken));
        Assert.Equal(error, answer.Error);
        Assert.Equal(error is null, answer.Response.IsSuccessStatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _redis.Dispose();
    }
}
