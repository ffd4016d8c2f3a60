using System.Text.Json.Nodes;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>The real Keycloak with the stack's realm, and an AuthServer that signs people in there. Where there is no Keycloak nothing starts.</summary>
public sealed class SignInAtKeycloak : IAsyncLifetime
{
    internal const string Realm = "mcp";

    private readonly RedisServer _redis = new();
    private ClockInStep? _clock;

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
        _clock = new ClockInStep(Server.Time);
        await AddUserAsync("alice", "Alice", "Adams");
        await AddUserAsync("bob", "Bob", "Brown");
    }

    /// <summary>Makes a user with the role <c>user</c>, whose password is the name.</summary>
    private async Task AddUserAsync(string name, string first, string last)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var id = await Keycloak.Admin.CreateUserAsync(Realm, name, first, last, cancellationToken);
        var role = await Keycloak.Admin.GetAsync($"{Realm}/roles/user", cancellationToken);
        await Keycloak.Admin.PostAsync($"{Realm}/users/{id}/role-mappings/realm", new JsonArray(role.DeepClone()), cancellationToken);
    }

    internal Flow Flow()
    {
        var flow = new Flow(Server, Client);
        flow.Browser.Visits.Add(Keycloak.Url);
        return flow;
    }

    public async ValueTask DisposeAsync()
    {
        if (_clock is not null)
        {
            await _clock.DisposeAsync();
        }

        if (KeycloakServer.Missing is null)
        {
            await Server.DisposeAsync();
            await Client.DisposeAsync();
            await Keycloak.DisposeAsync();
        }

        _redis.Dispose();
    }
}
