using System.Net;
using System.Text.Json.Nodes;
using McpAspire.McpServer.Authorization;
using McpAspire.McpServer.Tests.Stack;
using McpAspire.TestKit;
using Microsoft.IdentityModel.JsonWebTokens;

namespace McpAspire.McpServer.Tests.KeycloakDirectly;

/// <summary>A real Keycloak, set up as docs/keycloak-directly.md says, is the authorization server itself.</summary>
public sealed class KeycloakDirectlyTests(KeycloakHost host) : IClassFixture<KeycloakHost>
{
    [Fact]
    public async Task A_token_got_from_Keycloak_by_code_and_PKCE_calls_the_tools()
    {
        SkipWithoutKeycloak();
        var token = (string)(await host.Realm.SignInAsync("mcp:tools"))["access_token"]!;

        var jwt = new JsonWebToken(token);
        Assert.Equal(("at+jwt", "ES256"), (jwt.Typ, jwt.Alg));
        Assert.Contains(host.Resource, jwt.Audiences);

        using (var response = await host.SendAsync(McpRequests.Call("whoami", token: token)))
        {
            var caller = (await response.JsonAsync())["result"]?["structuredContent"];
            Assert.Equal(jwt.Subject, (string?)caller?["sub"]);
            Assert.Equal("mcp-client", (string?)caller?["client_id"]);
            Assert.Contains("mcp:tools", caller?["scopes"]?.ToJsonString(), StringComparison.Ordinal);
        }

        using (var response = await host.SendAsync(McpRequests.Echo(token)))
        {
            Assert.Equal("Alice Adams", (string?)(await response.JsonAsync())["result"]?["structuredContent"]?["user"]);
        }
    }

    [Fact]
    public async Task The_resource_metadata_leads_to_the_realm_whose_metadata_both_places_have()
    {
        SkipWithoutKeycloak();
        using var metadata = await host.Http.GetAsync(new Uri(host.MetadataUrl), TestContext.Current.CancellationToken);
        var issuer = (string?)(await metadata.JsonAsync())["authorization_servers"]?[0];
        Assert.Equal(host.Realm.Issuer, issuer);

        foreach (var place in AuthorizationServerDocument.PlacesOf(issuer!))
        {
            using var document = await host.Http.GetAsync(place, TestContext.Current.CancellationToken);
            Assert.Equal(issuer, (string?)(await document.JsonAsync())["issuer"]);
        }
    }

    [Fact]
    public async Task The_ID_token_of_the_same_answer_is_refused()
    {
        SkipWithoutKeycloak();
        var answer = await host.Realm.SignInAsync("openid mcp:tools");
        await AssertTakenAsync((string)answer["access_token"]!);
        await AssertRefusedAsync((string)answer["id_token"]!, "ID tokens are not taken");
    }

    [Fact]
    public async Task A_token_that_did_not_ask_for_the_scope_is_for_another_audience()
    {
        SkipWithoutKeycloak();
        await AssertRefusedAsync((string)(await host.Realm.SignInAsync("openid"))["access_token"]!, "another audience");
    }

    [Fact]
    public async Task Without_the_audience_mapper_a_token_is_refused()
    {
        SkipWithoutKeycloak();
        await AssertSpoiltStepAsync("without-mapper", "another audience", changeScope: scope => scope.Remove("protocolMappers"));
    }

    [Fact]
    public async Task Without_the_header_type_a_token_is_refused()
    {
        SkipWithoutKeycloak();
        await AssertSpoiltStepAsync(
            "without-type", "must say typ at+jwt", changeClient: client => client["attributes"]!.AsObject().Remove("access.token.header.type.rfc9068"));
    }

    [Fact]
    public async Task Without_the_client_id_mapper_a_token_is_refused()
    {
        SkipWithoutKeycloak();
        await AssertSpoiltStepAsync("without-client-id", "no client_id claim", changeClient: client => client.Remove("protocolMappers"));
    }

    [Fact]
    public async Task A_token_of_another_realm_of_the_same_Keycloak_is_refused()
    {
        SkipWithoutKeycloak();
        var realm = await KeycloakRealm.CreateAsync(host.Keycloak, host.Resource, "other");
        await AssertRefusedAsync((string)(await realm.SignInAsync("mcp:tools"))["access_token"]!, "another issuer");
    }

    private static void SkipWithoutKeycloak() => Assert.SkipWhen(KeycloakServer.Missing is not null, KeycloakServer.Missing ?? "");

    /// <summary>A realm where one step of the page was left out, and a McpServer that trusts it.</summary>
    private async Task AssertSpoiltStepAsync(
        string name, string reason, Action<JsonObject>? changeScope = null, Action<JsonObject>? changeClient = null)
    {
        await using var spoilt = new SpoiltHost();
        spoilt.Realm = await KeycloakRealm.CreateAsync(host.Keycloak, spoilt.Resource, name, changeScope, changeClient);
        await spoilt.InitializeAsync();
        var token = (string)(await spoilt.Realm.SignInAsync("mcp:tools"))["access_token"]!;
        await AssertRefusedAsync(token, reason, spoilt);
    }

    private async Task AssertTakenAsync(string token)
    {
        using var response = await host.SendAsync(McpRequests.Echo(token));
        Assert.True(response.StatusCode == HttpStatusCode.OK, response.Headers.WwwAuthenticate.ToString());
    }

    private async Task AssertRefusedAsync(string token, string reason, McpServerHost? at = null)
    {
        using var response = await (at ?? host).SendAsync(McpRequests.Echo(token));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains(reason, response.Challenge(), StringComparison.Ordinal);
    }

    private sealed class SpoiltHost : McpServerHost
    {
        public KeycloakRealm Realm { get; set; } = null!;

        internal override string Issuer => Realm.Issuer;

        protected override bool AuthorizationServerRuns => false;
    }
}
