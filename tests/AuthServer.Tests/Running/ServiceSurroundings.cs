using System.Security.Cryptography;
using System.Text.Json;
using McpAspire.TestKit;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>
/// An AuthServer with configured clients that have no browser: a service with a secret, the MCP server itself with a key,
/// the server of another resource; and a client of a person.
/// </summary>
public sealed class ServiceSurroundings : IAsyncLifetime
{
    internal const string Service = "service";
    internal const string ResourceServer = "mcp-server";
    internal const string OtherResourceServer = "other-server";
    internal const string Secret = "the secret of a service, 32 characters";
    internal const string OtherResource = "http://localhost:5201/other";

    internal RedisServer Redis { get; } = new();

    internal RunningAuthServer Server { get; private set; } = null!;

    internal TestClient Client { get; private set; } = null!;

    internal ECDsaSecurityKey Key { get; } = new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = "server" };

    internal Flow Flow() => new(Server, Client);

    public async ValueTask InitializeAsync()
    {
        Client = await TestClient.StartAsync();
        Server = await RunningAuthServer.StartAsync(Redis.ConnectionString, settings: [.. Settings()]);
    }

    /// <summary>Posts as a configured client, which proves itself with what it has.</summary>
    internal Task<Answer> PostAsync(string path, string clientId, Dictionary<string, string?> fields)
    {
        var all = new Dictionary<string, string?>(fields) { ["client_id"] = clientId, ["client_assertion_type"] = null, ["client_assertion"] = null };
        if (clientId is ResourceServer or OtherResourceServer)
        {
            all["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            all["client_assertion"] = TestClient.Assertion(clientId, Key, Server.Issuer, Server.Time.GetUtcNow());
        }
        else
        {
            all.TryAdd("client_secret", Secret);
        }

        return Flow().PostAsync(path, all);
    }

    internal Task<Answer> TokenAsync(string clientId, Dictionary<string, string?> fields) => PostAsync("/connect/token", clientId, fields);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Client.DisposeAsync();
        Redis.Dispose();
        Key.ECDsa.Dispose();
    }

    private IEnumerable<(string, string)> Settings()
    {
        var keys = JsonSerializer.Serialize(TestClient.KeySet(Key));
        (string, string)[] resources =
        [
            ("Resources:0:Client", ResourceServer), ("Resources:1:Name", "Other"), ("Resources:1:Uri", OtherResource), ("Resources:1:Client", OtherResourceServer),
            ("Resources:2:Name", "Third"), ("Resources:2:Uri", "http://localhost:5202/third"), ("Resources:2:Client", "secret-exchanger"),
        ];
        return
        [
            .. resources,
            .. ClientSettings(1, Service, ("Secret", Secret), ("Scope", "mcp:tools notes:read openid offline_access"), ("GrantTypes:2", "client_credentials")),
            .. ClientSettings(2, ResourceServer, ("Jwks", keys), ("GrantTypes:2", "urn:ietf:params:oauth:grant-type:token-exchange")),
            .. ClientSettings(3, OtherResourceServer, ("Jwks", keys)),
            .. ClientSettings(4, "public"),
            .. ClientSettings(5, "secret-exchanger", ("Secret", Secret), ("GrantTypes:2", "urn:ietf:params:oauth:grant-type:token-exchange")),
        ];
    }

    private static IEnumerable<(string, string)> ClientSettings(int number, string id, params (string Name, string Value)[] more) =>
        new[] { ("ClientId", id), ("GrantTypes:0", "authorization_code"), ("GrantTypes:1", "refresh_token"), ("RedirectUris:0", $"https://{id}.example/callback") }
            .Concat(more)
            .Select(setting => ($"Clients:{number}:{setting.Item1}", setting.Item2));
}
