using System.Text.Json.Nodes;
using McpAspire.AppHost.Keycloak;

namespace McpAspire.AppHost.Tests;

public sealed class RealmDifferencesTests
{
    private readonly RealmFile _file = TestRealm.File();

    private static JsonObject Client(JsonObject realm) => realm["clients"]!.AsArray().Single(client => client!["clientId"]!.ToString() == "authserver")!.AsObject();

    [Fact]
    public void A_realm_as_imported_has_none_whatever_else_it_holds() => Assert.Empty(RealmDifferences.Find(_file, TestRealm.Imported(_file)));

    [Fact]
    public void The_order_of_a_list_means_nothing()
    {
        var realm = TestRealm.Imported(_file);
        Client(realm)["defaultClientScopes"] = new JsonArray("email", "basic", "profile");
        Assert.Empty(RealmDifferences.Find(_file, realm));
    }

    [Fact]
    public void Other_URLs_of_AuthServer_depend_on_the_place()
    {
        var realm = TestRealm.Imported(TestRealm.File("https://localhost:7100", "https://machine.internal:7100"));
        var differences = RealmDifferences.Find(_file, realm);
        Assert.Equal(
            [
                "clients/authserver/attributes/backchannel.logout.url",
                "clients/authserver/attributes/jwks.url",
                "clients/authserver/redirectUris",
            ],
            differences.Select(difference => difference.Path).Order());
        Assert.All(differences, difference => Assert.True(difference.DependsOnPlace));
    }

    [Fact]
    public void A_redirect_URI_that_somebody_added_is_a_difference()
    {
        var realm = TestRealm.Imported(_file);
        Client(realm)["redirectUris"]!.AsArray().Add("https://evil.example/*");
        Assert.Equal(["clients/authserver/redirectUris"], RealmDifferences.Find(_file, realm).Select(difference => difference.Path));
    }

    [Fact]
    public void What_somebody_changed_is_named_with_both_values()
    {
        var realm = TestRealm.Imported(_file);
        realm["accessTokenLifespan"] = 600;
        Client(realm)["directAccessGrantsEnabled"] = true;
        Assert.Equal(
            [
                new RealmDifference("accessTokenLifespan", "300", "600", DependsOnPlace: false),
                new RealmDifference("clients/authserver/directAccessGrantsEnabled", "false", "true", DependsOnPlace: false),
            ],
            RealmDifferences.Find(_file, realm));
    }

    [Fact]
    public void What_is_gone_is_named()
    {
        var realm = TestRealm.Imported(_file);
        realm["clients"] = new JsonArray();
        realm["roles"]!["realm"]!.AsArray().RemoveAt(0);
        realm.Remove("scopeMappings");
        var differences = RealmDifferences.Find(_file, realm);
        Assert.Equal(["roles/realm/user", "scopeMappings", "clients/authserver"], differences.Select(difference => difference.Path));
        Assert.All(differences, difference => Assert.Null(difference.InRealm));
    }
}
