using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>
/// A realm that somebody made by hand, as docs/identity-providers.md says, in a Keycloak that AuthServer sees under another
/// name than the browser does.
/// </summary>
public sealed class KeycloakByHandTests : IAsyncLifetime
{
    private const string Realm = "company";

    private readonly RedisServer _redis = new();
    private readonly int _port = FreePort.Next();
    private KeycloakServer _keycloak = null!;
    private RunningAuthServer _server = null!;
    private TestClient _client = null!;
    private ClockInStep? _clock;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string PublicUrl => $"http://localhost:{_port}";

    private string OtherName => _keycloak.Url.Replace("localhost", "127.0.0.1", StringComparison.Ordinal);

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(KeycloakServer.Missing is not null, KeycloakServer.Missing ?? "");
        _keycloak = await KeycloakServer.StartAsync(new KeycloakOptions { KeepsItsName = true }, Cancel);
        await MakeRealmAsync();
        _client = await TestClient.StartAsync();
        _server = await RunningAuthServer.StartAsync(
            _redis.ConnectionString, _port,
            settings:
            [
                ("SignIn:Providers:keycloak:Issuer", _keycloak.Issuer(Realm)),
                ("SignIn:Providers:keycloak:Metadata", $"{OtherName}/realms/{Realm}/.well-known/openid-configuration"),
            ]);
        _clock = new ClockInStep(_server.Time);
    }

    [Fact]
    public async Task It_signs_people_in_under_one_issuer_tells_of_endings_and_a_deleted_realm_gets_a_page()
    {
        var discovery = await DiscoveryAsync();
        Assert.Equal(_keycloak.Issuer(Realm), discovery["issuer"]!.GetValue<string>());
        Assert.StartsWith(_keycloak.Url, discovery["authorization_endpoint"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.StartsWith(OtherName, discovery["token_endpoint"]!.GetValue<string>(), StringComparison.Ordinal);

        var flow = NewFlow();
        var page = await flow.AuthorizeAsync();
        Assert.StartsWith(_keycloak.Issuer(Realm), page.Url.AbsoluteUri, StringComparison.Ordinal);
        page = await flow.AllowAsync(await flow.SignInAsync(page));
        var tokens = await flow.TokenAsync(flow.CodeRequest(page.Query("code")!));
        Assert.Equal(HttpStatusCode.OK, tokens.Status);
        Assert.Equal("Alice Adams", tokens.Access.GetClaim("name").Value);
        Assert.Equal(["editor"], tokens.Access.GetPayloadValue<string[]>("roles"));

        var session = Assert.Single(await _keycloak.Admin.SessionIdsAsync(Realm, "alice", Cancel));
        await _keycloak.Admin.EndSessionAsync(Realm, session, Cancel);
        await Eventually.BeTrueAsync(
            async () => !(await flow.Browser.GoAsync("/")).Text.Contains("Alice Adams"), "the session here has ended", cancellationToken: Cancel);
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);

        await _keycloak.Admin.DeleteAsync(Realm, Cancel);
        await Eventually.BeTrueAsync(
            async () => (await NewFlow().AuthorizeAsync()).Url.Port == _port, "who wants to sign in stays with us", cancellationToken: Cancel);
        page = await NewFlow().AuthorizeAsync();
        Assert.Equal(HttpStatusCode.BadGateway, page.Status);
        Assert.Contains("Signing in with Keycloak does not work now", page.Text);
        Assert.Contains(_server.Logs.Lines, line => line.Contains("Does the provider still have this issuer?"));

        await MakeRealmAsync();
        await Eventually.BeTrueAsync(
            async () => (await NewFlow().AuthorizeAsync()).Url.Port == _keycloak.Port, "sign-in works again", cancellationToken: Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_clock is not null)
        {
            await _clock.DisposeAsync();
            await _server.DisposeAsync();
            await _client.DisposeAsync();
            await _keycloak.DisposeAsync();
        }

        _redis.Dispose();
    }

    private Flow NewFlow()
    {
        var flow = new Flow(_server, _client);
        flow.Browser.Visits.Add(_keycloak.Url);
        return flow;
    }

    private async Task<JsonNode> DiscoveryAsync()
    {
        using var http = new HttpClient();
        return (await http.GetFromJsonAsync<JsonNode>($"{OtherName}/realms/{Realm}/.well-known/openid-configuration", Cancel))!;
    }

    /// <summary>The page's steps, in their order, with what the admin console sets by itself.</summary>
    private async Task MakeRealmAsync()
    {
        await _keycloak.Admin.CreateRealmAsync(
            new JsonObject
            {
                ["realm"] = Realm,
                ["enabled"] = true,
                ["ssoSessionIdleTimeout"] = 30 * 24 * 3600,
                ["ssoSessionMaxLifespan"] = 90 * 24 * 3600,
                ["offlineSessionIdleTimeout"] = 30 * 24 * 3600,
            },
            Cancel);
        var client = await _keycloak.Admin.CreateClientAsync(
            Realm,
            new JsonObject
            {
                ["clientId"] = "authserver",
                ["protocol"] = "openid-connect",
                ["publicClient"] = false,
                ["standardFlowEnabled"] = true,
                ["directAccessGrantsEnabled"] = false,
                ["redirectUris"] = new JsonArray($"{PublicUrl}/sign-in/keycloak/callback"),
                ["clientAuthenticatorType"] = "client-jwt",
                ["frontchannelLogout"] = false,
                ["attributes"] = new JsonObject
                {
                    ["pkce.code.challenge.method"] = "S256",
                    ["token.endpoint.auth.signing.alg"] = "ES256",
                    ["use.jwks.url"] = "true",
                    ["jwks.url"] = $"{PublicUrl}/.well-known/jwks",
                    ["backchannel.logout.url"] = $"{PublicUrl}/sign-in/keycloak/backchannel-logout",
                    ["backchannel.logout.session.required"] = "true",
                    ["backchannel.logout.revoke.offline.tokens"] = "false",
                },
            },
            Cancel);
        await _keycloak.Admin.PostAsync(
            $"{Realm}/clients/{client}/protocol-mappers/models",
            new JsonObject
            {
                ["name"] = "roles",
                ["protocol"] = "openid-connect",
                ["protocolMapper"] = "oidc-usermodel-realm-role-mapper",
                ["config"] = new JsonObject { ["claim.name"] = "roles", ["multivalued"] = "true", ["id.token.claim"] = "true", ["jsonType.label"] = "String" },
            },
            Cancel);

        await _keycloak.Admin.PostAsync($"{Realm}/roles", new JsonObject { ["name"] = "editor" }, Cancel);
        var alice = await _keycloak.Admin.CreateUserAsync(Realm, "alice", "Alice", "Adams", Cancel);
        var role = await _keycloak.Admin.GetAsync($"{Realm}/roles/editor", Cancel);
        await _keycloak.Admin.PostAsync($"{Realm}/users/{alice}/role-mappings/realm", new JsonArray(role.DeepClone()), Cancel);
    }
}
