using System.Text.Json.Nodes;
using McpAspire.AppHost.Keycloak;

namespace McpAspire.AppHost.Tests;

/// <summary>What the realm file says.</summary>
public sealed class RealmFileTests
{
    private static readonly TimeSpan SessionAfterLastUse = TimeSpan.FromDays(30);
    private static readonly TimeSpan RefreshIdle = TimeSpan.FromDays(30);
    private static readonly TimeSpan RefreshAbsolute = TimeSpan.FromDays(90);

    private static JsonObject Realm => TestRealm.File().Text;

    private static JsonObject Client => Realm["clients"]!.AsArray().Single()!.AsObject();

    [Fact]
    public void Its_times_are_no_shorter_than_those_of_AuthServer_which_lives_on_its_tokens()
    {
        Assert.True(Seconds("ssoSessionIdleTimeout") >= SessionAfterLastUse);
        Assert.True(Seconds("ssoSessionMaxLifespan") >= RefreshAbsolute);
        Assert.True(Seconds("offlineSessionIdleTimeout") >= RefreshIdle);
        Assert.False(Realm["offlineSessionMaxLifespanEnabled"]!.GetValue<bool>());
        Assert.Equal(TimeSpan.FromMinutes(5), Seconds("accessTokenLifespan"));
    }

    [Fact]
    public void AuthServer_is_sent_back_to_one_address_only()
    {
        Assert.Equal(["http://localhost:5100/sign-in/keycloak/callback"], Words(TestRealm.File().Filled["clients"]![0]!["redirectUris"]));
        Assert.Empty(Words(Client["webOrigins"]));
        Assert.DoesNotContain("*", Realm.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void AuthServer_proves_who_it_is_by_its_published_keys_and_there_is_no_secret()
    {
        Assert.Equal("client-jwt", Client["clientAuthenticatorType"]!.GetValue<string>());
        Assert.Equal("ES256", Client["attributes"]!["token.endpoint.auth.signing.alg"]!.GetValue<string>());
        Assert.Null(Client["secret"]);
        Assert.DoesNotContain("credentials", Realm.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void AuthServer_may_use_the_code_flow_with_S256_and_no_other()
    {
        Assert.Equal("S256", Client["attributes"]!["pkce.code.challenge.method"]!.GetValue<string>());
        Assert.True(Client["standardFlowEnabled"]!.GetValue<bool>());
        Assert.All(
            ["implicitFlowEnabled", "directAccessGrantsEnabled", "serviceAccountsEnabled", "publicClient"],
            flow => Assert.False(Client[flow]!.GetValue<bool>(), flow));
    }

    [Fact]
    public void Passwords_cannot_be_tried_without_end() => Assert.True(Realm["bruteForceProtected"]!.GetValue<bool>());

    [Fact]
    public void The_users_for_development_stand_in_a_file_that_no_image_takes()
    {
        Assert.Null(Realm["users"]);
        Assert.Equal(["mcp-realm.json"], File.ReadAllLines(TestRealm.Path("Dockerfile"))
            .Where(line => line.StartsWith("COPY ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]));
    }

    [Fact]
    public void A_placeholder_without_a_value_is_named()
    {
        var error = Assert.Throws<InvalidOperationException>(() => RealmFile.Parse("""{ "realm": "${NOWHERE}" }""", new Dictionary<string, string>()));
        Assert.Contains("${NOWHERE}", error.Message, StringComparison.Ordinal);
    }

    private static TimeSpan Seconds(string name) => TimeSpan.FromSeconds(Realm[name]!.GetValue<int>());

    private static IEnumerable<string> Words(JsonNode? list) => list!.AsArray().Select(item => item!.GetValue<string>());
}
