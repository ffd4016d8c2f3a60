using System.Text.Json.Nodes;
using McpAspire.TestKit;

namespace McpAspire.AppHost.Tests;

/// <summary>The realm file in the real Keycloak.</summary>
public sealed class RealmImportTests : IClassFixture<ImportedRealm>
{
    private readonly ImportedRealm _realm;

    public RealmImportTests(ImportedRealm realm)
    {
        Assert.SkipWhen(KeycloakServer.Missing is not null, KeycloakServer.Missing ?? "");
        _realm = realm;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private KeycloakAdmin Admin => _realm.Server.Admin;

    [Fact]
    public async Task Imported_it_is_as_its_file_says_with_all_placeholders_filled()
    {
        var said = await _realm.CheckAsync(_realm.File);
        Assert.DoesNotContain(said, line => line.Contains("not as its file says", StringComparison.Ordinal));
        Assert.DoesNotContain(said, line => line.Contains("now has the URLs", StringComparison.Ordinal));
        var client = await ClientAsync();
        Assert.Equal("http://localhost:5100/sign-in/keycloak/callback", client["redirectUris"]![0]!.GetValue<string>());
        Assert.Equal("http://machine.internal:5100/.well-known/jwks", client["attributes"]!["jwks.url"]!.GetValue<string>());
        Assert.Equal(
            "http://machine.internal:5100/sign-in/keycloak/backchannel-logout", client["attributes"]!["backchannel.logout.url"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("alice", "Alice Adams", "user")]
    [InlineData("bob", "Bob Brown", "user")]
    [InlineData("admin", "Ada Admin", "admin user")]
    public async Task Users_come_with_name_email_and_roles(string name, string fullName, string roles)
    {
        var client = await ClientAsync();
        var user = await Admin.UserIdAsync("mcp", name, Cancel);
        foreach (var place in new[] { "id-token", "userinfo" })
        {
            var claims = await Admin.GetAsync(
                $"mcp/clients/{client["id"]}/evaluate-scopes/generate-example-{place}?userId={user}&scope=openid", Cancel);
            Assert.Equal(fullName, claims["name"]!.GetValue<string>());
            Assert.Equal(name, claims["preferred_username"]!.GetValue<string>());
            Assert.Equal($"{name}@example.com", claims["email"]!.GetValue<string>());
            Assert.True(claims["email_verified"]!.GetValue<bool>());
            Assert.Equal(roles.Split(' '), claims["roles"]!.AsArray().Select(role => role!.GetValue<string>()).Order());
        }

        var all = await Admin.GetAsync($"mcp/users/{user}/role-mappings/realm/composite", Cancel);
        Assert.Contains("offline_access", all.AsArray().Select(role => role!["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task On_another_port_AuthServers_URLs_are_written_and_nothing_else()
    {
        var before = await ClientAsync();
        var said = await _realm.CheckAsync(TestRealm.File("https://localhost:7101", "https://machine.internal:7101"));
        Assert.Contains(said, line => line.Contains("https://localhost:7101/sign-in/keycloak/callback", StringComparison.Ordinal));
        var moved = await ClientAsync();
        Assert.Equal(["https://localhost:7101/sign-in/keycloak/callback"], moved["redirectUris"]!.AsArray().Select(uri => uri!.GetValue<string>()));
        Assert.Equal("https://machine.internal:7101/.well-known/jwks", moved["attributes"]!["jwks.url"]!.GetValue<string>());

        await _realm.CheckAsync(_realm.File);
        Assert.True(JsonNode.DeepEquals(before, await ClientAsync()));
    }

    [Fact]
    public async Task What_somebody_changed_is_said_with_what_to_do_and_left_alone()
    {
        await Admin.PutAsync("mcp", new JsonObject { ["accessTokenLifespan"] = 600 }, Cancel);
        var line = Assert.Single(await _realm.CheckAsync(_realm.File), said => said.Contains("not as its file says", StringComparison.Ordinal));
        Assert.Contains("accessTokenLifespan is 600; Realms/mcp-realm.json says 300", line, StringComparison.Ordinal);
        Assert.Contains($"{_realm.Server.Url}/admin/master/console/#/mcp", line, StringComparison.Ordinal);
        Assert.Equal(600, (await Admin.GetAsync("mcp", Cancel))["accessTokenLifespan"]!.GetValue<int>());
        await Admin.PutAsync("mcp", new JsonObject { ["accessTokenLifespan"] = 300 }, Cancel);
    }

    [Fact]
    public async Task A_wrong_password_of_the_administrator_is_said_and_never_shown()
    {
        var line = Assert.Single(await _realm.CheckAsync(_realm.File, "not-the-password"));
        Assert.Contains("keycloak-password", line, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-password", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_survives_a_second_start_and_comes_back_when_it_was_deleted()
    {
        Assert.Empty(_realm.Complaints);
        var alice = await Admin.UserIdAsync("mcp", "alice", Cancel);
        await AgainAsync();
        Assert.Equal(alice, await Admin.UserIdAsync("mcp", "alice", Cancel));
        Assert.Empty(_realm.Complaints);

        await Admin.DeleteAsync("mcp", Cancel);
        Assert.Contains("There is no realm 'mcp'", Assert.Single(await _realm.CheckAsync(_realm.File)), StringComparison.Ordinal);
        await AgainAsync();
        Assert.NotEqual(alice, await Admin.UserIdAsync("mcp", "alice", Cancel));
    }

    private async Task AgainAsync()
    {
        await _realm.Server.StopAsync();
        await _realm.Server.StartAgainAsync(Cancel);
    }

    private async Task<JsonNode> ClientAsync() => (await Admin.GetAsync("mcp/clients?clientId=authserver", Cancel))[0]!;
}
