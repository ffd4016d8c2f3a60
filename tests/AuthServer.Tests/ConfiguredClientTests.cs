using System.Net;
using System.Net.Http.Headers;
using System.Text;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Tests;

public sealed class ConfiguredClientTests : IDisposable
{
    private const string Secret = "0123456789abcdef0123456789abcdef";
    private const string JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private const string SetOfOneKey = """{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}""";

    private readonly RedisServer _redis = new();

    public void Dispose() => _redis.Dispose();

    [Theory]
    [InlineData("ClientId", "", "'ClientId'")]
    [InlineData("ClientId", "https://client.example/metadata.json", "URL")]
    [InlineData("Secret", "short", "32 characters")]
    [InlineData("Jwks", SetOfOneKey, "'Secret', 'Jwks' and 'JwksUri'")]
    [InlineData("JwksUri", "https://client.example/jwks.json", "'Secret', 'Jwks' and 'JwksUri'")]
    [InlineData("GrantTypes:0", "password", "Known are: authorization_code")]
    [InlineData("GrantTypes:0", "client_credentials", "Redirect URIs are of no use")]
    [InlineData("RedirectUris:0", "http://elsewhere.example/cb", "scheme 'http'")]
    [InlineData("RedirectUris:0", "myapp:cb", "scheme 'myapp'")]
    [InlineData("Scope", "mcp:tools launch:missiles", "launch:missiles")]
    [InlineData("Resources:0", "https://elsewhere.example/mcp", "'Resources'")]
    [InlineData("Scopes", "mcp:tools", "'Scopes', which is no setting of a client. Known are: ClientId, Name, Secret")]
    [InlineData("Secrets:0", "another secret that has enough characters", "'Secrets', which is no setting of a client")]
    public async Task A_client_that_can_not_work_stops_the_start_and_says_what_to_change(string setting, string value, string says) =>
        Assert.Contains(says, await FaultAsync([("ClientId", "web"), ("Secret", Secret), ("RedirectUris:0", "https://web.example/cb"), (setting, value)]));

    [Theory]
    [InlineData("client_credentials")]
    [InlineData(JwtBearer)]
    [InlineData(GrantTypes.TokenExchange)]
    public async Task A_grant_without_a_person_is_for_clients_that_prove_themselves(string grantType) =>
        Assert.Contains("prove themselves", await FaultAsync([("ClientId", "robot"), ("GrantTypes:0", grantType)]));

    [Fact]
    public async Task A_refresh_token_alone_comes_from_nowhere() =>
        Assert.Contains("refresh_token", await FaultAsync([("ClientId", "robot"), ("Secret", Secret), ("GrantTypes:0", "refresh_token")]));

    [Theory]
    [InlineData("Jwks", "not json", "'Jwks' is not JSON")]
    [InlineData("Jwks", """{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}""", "public keys")]
    [InlineData("JwksUri", "http://elsewhere.example/jwks.json", "https")]
    [InlineData("JwksUri", "nowhere", "absolute")]
    public async Task Keys_that_can_not_work_stop_the_start(string setting, string value, string says) =>
        Assert.Contains(says, await FaultAsync([("ClientId", "robot"), ("GrantTypes:0", "client_credentials"), (setting, value)]));

    [Fact]
    public async Task Who_asks_to_stay_connected_needs_refresh_tokens() =>
        Assert.Contains("no refresh_token", await FaultAsync(
            [("ClientId", "web"), ("RedirectUris:0", "https://web.example/cb"), ("GrantTypes:0", "authorization_code"), ("Scope", "mcp:tools offline_access")]));

    [Fact]
    public async Task Two_clients_of_one_id_stop_the_start()
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningAuthServer.StartAsync(_redis.ConnectionString, settings:
        [
            ("Clients:1:ClientId", "web"), ("Clients:1:RedirectUris:0", "https://web.example/cb"),
            ("Clients:2:ClientId", "web"), ("Clients:2:RedirectUris:0", "https://other.example/cb"),
        ]));
        Assert.Contains("'web' twice", refusal.Message);
    }

    [Fact]
    public async Task Grants_without_a_redirect_need_no_redirect_uri_and_become_permissions()
    {
        await using var server = await RunningAuthServer.StartAsync(_redis.ConnectionString, settings:
        [
            ("Clients:1:ClientId", "robot"), ("Clients:1:Secret", Secret),
            ("Clients:1:GrantTypes:0", "client_credentials"), ("Clients:1:GrantTypes:1", GrantTypes.TokenExchange), ("Clients:1:GrantTypes:2", JwtBearer),
            ("Clients:2:ClientId", "television"), ("Clients:2:GrantTypes:0", GrantTypes.DeviceCode), ("Clients:2:GrantTypes:1", "refresh_token"),
        ]);
        var robot = await PermissionsAsync(server, "robot");
        Assert.Superset(
            new HashSet<string>
            {
                Permissions.Endpoints.Token, Permissions.Endpoints.Introspection, Permissions.GrantTypes.ClientCredentials,
                Permissions.Prefixes.GrantType + GrantTypes.TokenExchange, Permissions.Prefixes.GrantType + JwtBearer,
            },
            robot);
        Assert.DoesNotContain(Permissions.Endpoints.Authorization, robot);
        var television = await PermissionsAsync(server, "television");
        Assert.Superset(
            new HashSet<string> { Permissions.Endpoints.DeviceAuthorization, Permissions.GrantTypes.DeviceCode, Permissions.GrantTypes.RefreshToken }, television);
        Assert.DoesNotContain(Permissions.Endpoints.Introspection, television);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_secret_is_stored_as_its_SHA_256_and_proves_the_client_by_either_method(bool basic)
    {
        await using var server = await StartWithWebAsync();
        using (var scope = server.Scope())
        {
            var stored = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Clients
                .Where(client => client.ClientId == "web").Select(client => client.ClientSecret).SingleAsync(TestContext.Current.CancellationToken);
            Assert.StartsWith("sha256:", stored);
            Assert.DoesNotContain(Secret, stored, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await RedeemAsync(server, basic, Secret)).Status);
        var refused = await RedeemAsync(server, basic, Secret.Replace('0', '1'));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (refused.Status, refused.Error));
    }

    [Fact]
    public async Task The_stored_hash_of_a_secret_is_no_secret()
    {
        await using var server = await StartWithWebAsync();
        using var scope = server.Scope();
        var stored = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Clients
            .Where(client => client.ClientId == "web").Select(client => client.ClientSecret).SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal("invalid_client", (await RedeemAsync(server, basic: false, stored!)).Error);
    }

    [Fact]
    public async Task Keys_at_a_jwks_uri_prove_the_client_and_a_new_one_is_found_at_once()
    {
        await using var client = await TestClient.StartAsync();
        await using var server = await RunningAuthServer.StartAsync(_redis.ConnectionString, settings:
        [
            ("Clients:1:ClientId", "keyed"), ("Clients:1:JwksUri", $"{client.Origin}/oauth/jwks.json"), ("Clients:1:RedirectUris:0", client.RedirectUri),
        ]);
        client.Id = "keyed";
        var flow = new Flow(server, client);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokensAsync()).Status);
        client.Key = TestClient.NewKey("two");
        Assert.Equal(HttpStatusCode.OK, (await flow.TokensAsync()).Status);
    }

    [Fact]
    public async Task Unknown_kids_do_not_make_us_ask_without_end()
    {
        await using var client = await TestClient.StartAsync();
        await using var server = await RunningAuthServer.StartAsync(_redis.ConnectionString, settings:
        [
            ("Clients:1:ClientId", "keyed"), ("Clients:1:JwksUri", $"{client.Origin}/oauth/jwks.json"), ("Clients:1:RedirectUris:0", client.RedirectUri),
        ]);
        client.Id = "keyed";
        var flow = new Flow(server, client);
        var own = client.Key;
        for (var attempt = 0; attempt < 15; attempt++)
        {
            client.Key = TestClient.NewKey($"unknown-{attempt}");
            var assertion = client.Assertion(server.Issuer, server.Time.GetUtcNow());
            client.Key = own;
            var request = flow.CodeRequest("none");
            request["client_assertion"] = assertion;
            Assert.Equal("invalid_client", (await flow.TokenAsync(request)).Error);
        }

        Assert.InRange(client.KeyRequests, 10, 11);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokensAsync()).Status);
    }

    [Fact]
    public async Task A_client_gets_tokens_for_its_own_resources_only()
    {
        const string other = "https://other.example/mcp";
        await using var server = await RunningAuthServer.StartAsync(_redis.ConnectionString, settings:
        [
            ("Resources:1:Name", "Other"), ("Resources:1:Uri", other),
            ("Clients:1:ClientId", "web"), ("Clients:1:Secret", Secret), ("Clients:1:RedirectUris:0", "https://web.example/cb"), ("Clients:1:Resources:0", other),
        ]);
        var flow = Web(server);
        var request = flow.Request();
        request["resource"] = other;
        Assert.Equal("/sign-in", (await flow.AuthorizeAsync(request)).Url.AbsolutePath);
        request["resource"] = RunningAuthServer.Resource;
        Assert.Contains("invalid_target", Shown(await flow.AuthorizeAsync(request)));
        request["resource"] = null;
        Assert.Contains("invalid_target", Shown(await flow.AuthorizeAsync(request)));
    }

    [Fact]
    public async Task A_resource_may_be_closed_to_strangers()
    {
        await using var client = await TestClient.StartAsync();
        await using var server = await RunningAuthServer.StartAsync(
            _redis.ConnectionString, settings: [("Resources:1:Name", "Open"), ("Resources:1:Uri", "https://open.example/mcp"), ("Resources:0:Strangers", "false")]);
        var flow = new Flow(server, client);
        var request = flow.Request();
        Assert.Contains("invalid_target", Shown(await flow.AuthorizeAsync(request)));
        request["resource"] = null;
        Assert.Contains("invalid_target", Shown(await flow.AuthorizeAsync(request)));
        request["resource"] = "https://open.example/mcp";
        Assert.Equal("/sign-in", (await flow.AuthorizeAsync(request)).Url.AbsolutePath);
    }

    private static string Shown(Page page) => page.Query("error") ?? page.Html.QuerySelector("[data-testid=error-detail]")?.TextContent ?? string.Empty;

    private Task<RunningAuthServer> StartWithWebAsync() => RunningAuthServer.StartAsync(_redis.ConnectionString, settings:
        [("Clients:1:ClientId", "web"), ("Clients:1:Secret", Secret), ("Clients:1:RedirectUris:0", "https://web.example/cb")]);

    private static Flow Web(RunningAuthServer server) => new(server, new TestClient { Id = "web", RedirectUri = "https://web.example/cb" });

    private static async Task<Answer> RedeemAsync(RunningAuthServer server, bool basic, string secret)
    {
        var flow = Web(server);
        var fields = flow.CodeRequest(await flow.CodeAsync());
        if (!basic)
        {
            fields["client_id"] = "web";
            fields["client_secret"] = secret;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent(fields!) };
        if (basic)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"web:{Uri.EscapeDataString(secret)}")));
        }

        return await Answer.OfAsync(await server.Client.SendAsync(request, TestContext.Current.CancellationToken));
    }

    private static async Task<HashSet<string>> PermissionsAsync(RunningAuthServer server, string clientId)
    {
        using var scope = server.Scope();
        var clients = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        var client = await clients.FindByClientIdAsync(clientId, TestContext.Current.CancellationToken);
        return [.. await clients.GetPermissionsAsync(client!, TestContext.Current.CancellationToken)];
    }

    private async Task<string> FaultAsync((string Setting, string Value)[] client)
    {
        var settings = client.GroupBy(pair => pair.Setting).Select(same => ($"Clients:1:{same.Key}", same.Last().Value)).ToArray();
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await using var server = await RunningAuthServer.StartAsync(_redis.ConnectionString, settings: settings);
        });
        Assert.Contains("'Clients'", refusal.Message);
        return refusal.Message;
    }
}
