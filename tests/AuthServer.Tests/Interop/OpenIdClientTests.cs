using System.Security.Cryptography;
using System.Text.Json;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests.Interop;

/// <summary>The certified clients of npm, openid-client and oauth4webapi, with all that the metadata offers.</summary>
public sealed class OpenIdClientTests
{
    private const string Secret = "a secret of the tests with + and % and : in it";

    /// <summary>What the script does. It leaves out what the metadata does not offer, so that a member that is lost shows here.</summary>
    private static readonly string[] Steps =
    [
        "discovery", "code", "userinfo", "refresh", "introspection", "token exchange", "revocation", "pushed request",
        "client credentials", "device", "registration", "end session",
    ];

    [Fact]
    public async Task Certified_clients_go_through_every_flow_that_the_metadata_offers()
    {
        var (folder, missing) = await NodePackages.InstallAsync("OpenIdClient", TestContext.Current.CancellationToken);
        Assert.SkipWhen(folder is null, missing ?? "");

        using var redis = new RedisServer();
        await using var client = await TestClient.StartAsync();
        using var service = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var resourceServer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var server = await RunningAuthServer.StartAsync(redis.ConnectionString, settings:
        [
            .. Client(2, "service", ("Jwks", PublicKeys(service)), ("GrantTypes:0", "client_credentials"), ("Scope", "mcp:tools")),
            .. Client(3, "secret", ("Secret", Secret), ("GrantTypes:0", "client_credentials"), ("Scope", "mcp:tools")),
            .. Client(4, "device", ("GrantTypes:0", "urn:ietf:params:oauth:grant-type:device_code"), ("GrantTypes:1", "refresh_token")),
            .. Client(5, "mcp-server", ("Jwks", PublicKeys(resourceServer)), ("GrantTypes:0", "urn:ietf:params:oauth:grant-type:token-exchange")),
            ("Resources:0:Client", "mcp-server"),
        ]);
        await using var clock = new ClockInStep(server.Time);
        using var alice = new Person(server.Issuer);

        var steps = await NodeScript.RunAsync(folder!, "certified.mjs", new
        {
            server.Issuer,
            RunningAuthServer.Resource,
            Client = new { client.Id, client.RedirectUri, client.AfterLogout, Jwk = PrivateKey(client.Key.ECDsa, client.Key.KeyId) },
            Service = new { Id = "service", Jwk = PrivateKey(service) },
            Secret = new { Id = "secret", Secret },
            Device = new { Id = "device" },
            ResourceServer = new { Id = "mcp-server", Jwk = PrivateKey(resourceServer) },
        }, alice.GoAsync);

        Assert.Equal(Steps, steps);
    }

    private static IEnumerable<(string, string)> Client(int number, string id, params (string Key, string Value)[] settings) =>
        settings.Prepend(("ClientId", id)).Select(setting => ($"Clients:{number}:{setting.Item1}", setting.Item2));

    private static string PublicKeys(ECDsa key) => JsonSerializer.Serialize(new { keys = new[] { Jwk(key, "one", withPrivate: false) } });

    private static Dictionary<string, string> PrivateKey(ECDsa key, string id = "one") => Jwk(key, id, withPrivate: true);

    private static Dictionary<string, string> Jwk(ECDsa key, string id, bool withPrivate)
    {
        var parameters = key.ExportParameters(withPrivate);
        var jwk = new Dictionary<string, string>
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["kid"] = id,
            ["alg"] = "ES256",
            ["x"] = Base64UrlEncoder.Encode(parameters.Q.X),
            ["y"] = Base64UrlEncoder.Encode(parameters.Q.Y),
        };
        if (withPrivate)
        {
            jwk["d"] = Base64UrlEncoder.Encode(parameters.D);
        }

        return jwk;
    }
}
