using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>A Redis, an AuthServer with clients of its settings, and a client that describes itself.</summary>
public sealed class ConfiguredSurroundings : IAsyncLifetime
{
    /// <summary>A configured public client.</summary>
    internal const string PublicId = "web-app";

    /// <summary>A configured client with a secret, which must push its requests.</summary>
    internal const string PushingId = "pushing-app";

    /// <summary>A configured public client that may use the device grant.</summary>
    internal const string DeviceId = "television";

    /// <summary>A configured client with a secret that may use the device grant.</summary>
    internal const string BoxId = "set-top-box";

    internal const string Secret = "a secret of the tests with 32 characters or more";

    internal const string Callback = "https://app.example/callback";

    internal RedisServer Redis { get; } = new();

    internal RunningAuthServer Server { get; private set; } = null!;

    internal TestClient Client { get; private set; } = null!;

    internal Flow Flow() => new(Server, Client);

    /// <summary>An authorization request of a configured client.</summary>
    internal static Dictionary<string, string?> RequestOf(Flow flow, string clientId, string scope = "mcp:tools openid")
    {
        var request = flow.Request(scope);
        request["client_id"] = clientId;
        request["redirect_uri"] = Callback;
        return request;
    }

    public async ValueTask InitializeAsync()
    {
        Server = await RunningAuthServer.StartAsync(Redis.ConnectionString, settings:
        [
            ("Clients:0:ClientId", PublicId), ("Clients:0:Name", "Web app"), ("Clients:0:RedirectUris:0", Callback), ("Clients:0:Scope", "mcp:tools notes:read openid"),
            ("Clients:1:ClientId", PushingId), ("Clients:1:Secret", Secret), ("Clients:1:RedirectUris:0", Callback), ("Clients:1:RequirePushed", "true"),
            ("Clients:2:ClientId", DeviceId), ("Clients:2:Name", "Living room TV"),
            ("Clients:2:GrantTypes:0", "urn:ietf:params:oauth:grant-type:device_code"), ("Clients:2:GrantTypes:1", "refresh_token"),
            ("Clients:3:ClientId", BoxId), ("Clients:3:Secret", Secret), ("Clients:3:GrantTypes:0", "urn:ietf:params:oauth:grant-type:device_code"),
        ]);
        Client = await TestClient.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
        Redis.Dispose();
    }
}
