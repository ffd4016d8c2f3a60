using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>The real Keycloak with the stack's realm, and an AuthServer that signs people in there. Where there is no Keycloak nothing starts.</summary>
public sealed class SignInAtKeycloak : IAsyncLifetime
{
    internal const string Realm = "mcp";

    private readonly RedisServer _redis = new();

    internal KeycloakServer Keycloak { get; private set; } = null!;

    internal RunningAuthServer Server { get; private set; } = null!;

    internal TestClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (KeycloakServer.Missing is not null)
        {
            return;
        }

        var port = FreePort.Next();
        Keycloak = await KeycloakServer.StartAsync(
            new KeycloakOptions
            {
                RealmFiles = [Path.Combine(AppContext.BaseDirectory, "mcp-realm.json")],
                Environment = new Dictionary<string, string>
                {
                    ["AUTHSERVER_PUBLIC_URL"] = $"http://localhost:{port}",
                    ["AUTHSERVER_BACKCHANNEL_URL"] = $"http://localhost:{port}",
                },
            },
            TestContext.Current.CancellationToken);
        Client = await TestClient.StartAsync();
        Server = await RunningAuthServer.StartAsync(
            _redis.ConnectionString, port, settings: ("SignIn:Providers:keycloak:Issuer", Keycloak.Issuer(Realm)));
        foreach (var (name, first, last) in new[] { ("alice", "Alice", "Adams"), ("bob", "Bob", "Brown") })
        {
            await Keycloak.Admin.CreateUserAsync(Realm, name, first, last, TestContext.Current.CancellationToken);
        }
    }

    internal Flow Flow()
    {
        var flow = new Flow(Server, Client);
        flow.Browser.Visits.Add(Keycloak.Url);
        return flow;
    }

    public async ValueTask DisposeAsync()
    {
        if (KeycloakServer.Missing is null)
        {
            await Server.DisposeAsync();
            await Client.DisposeAsync();
            await Keycloak.DisposeAsync();
        }

        _redis.Dispose();
    }
}
