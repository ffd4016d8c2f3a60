using System.Net;
using System.Text.Json;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

public sealed class DiscoveryTests(Surroundings stack) : IClassFixture<Surroundings>
{
    private static readonly string[] WellKnown = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];

    [Fact]
    public async Task Both_documents_name_the_issuer_exactly_and_only_what_is_supported()
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in WellKnown)
        {
            var document = (await Answer.OfAsync(await stack.Server.Client.GetAsync(path, TestContext.Current.CancellationToken))).Json;
            Assert.Equal(stack.Server.Issuer, document.GetProperty("issuer").GetString());
            Assert.Equal($"{stack.Server.Issuer}/connect/authorize", document.GetProperty("authorization_endpoint").GetString());
            Assert.Equal($"{stack.Server.Issuer}/connect/token", document.GetProperty("token_endpoint").GetString());
            Assert.Equal($"{stack.Server.Issuer}/connect/revoke", document.GetProperty("revocation_endpoint").GetString());
            Assert.Equal($"{stack.Server.Issuer}/connect/userinfo", document.GetProperty("userinfo_endpoint").GetString());
            Assert.Equal($"{stack.Server.Issuer}/connect/logout", document.GetProperty("end_session_endpoint").GetString());
            Assert.Equal($"{stack.Server.Issuer}/.well-known/jwks", document.GetProperty("jwks_uri").GetString());
            Assert.Equal(["S256"], List(document, "code_challenge_methods_supported"));
            Assert.Equal(["RS256"], List(document, "id_token_signing_alg_values_supported"));
            Assert.Equal(["code"], List(document, "response_types_supported"));
            Assert.Equal(["query"], List(document, "response_modes_supported"));
            Assert.Equal("none", List(document, "token_endpoint_auth_methods_supported")[0]);
            Assert.Contains("private_key_jwt", List(document, "token_endpoint_auth_methods_supported"));
            Assert.Contains("ES256", List(document, "token_endpoint_auth_signing_alg_values_supported"));
            Assert.Equal(
                [
                    "authorization_code", "client_credentials", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:jwt-bearer",
                    "urn:ietf:params:oauth:grant-type:token-exchange",
                ],
                List(document, "grant_types_supported").Order());
            Assert.Equal(["urn:ietf:params:oauth:grant-profile:id-jag"], List(document, "authorization_grant_profiles_supported"));
            Assert.Equal($"{stack.Server.Issuer}/connect/introspect", document.GetProperty("introspection_endpoint").GetString());
            Assert.DoesNotContain("none", List(document, "introspection_endpoint_auth_methods_supported"));
            Assert.DoesNotContain("profile:read", List(document, "scopes_supported"));
            Assert.Contains("offline_access", List(document, "scopes_supported"));
            Assert.True(document.GetProperty("authorization_response_iss_parameter_supported").GetBoolean());
            Assert.True(document.GetProperty("client_id_metadata_document_supported").GetBoolean());
            Assert.Equal($"{stack.Server.Issuer}/connect/register", document.GetProperty("registration_endpoint").GetString());
            texts.Add(document.GetRawText());
        }

        Assert.Single(texts);
    }

    [Fact]
    public async Task The_keys_hold_one_for_each_kind_of_signature_and_no_private_part()
    {
        var keys = (await Answer.OfAsync(await stack.Server.Client.GetAsync("/.well-known/jwks", TestContext.Current.CancellationToken))).Json.GetProperty("keys");
        // Access tokens and our assertions at identity providers, which fetch the key here: ES256. ID and logout tokens: RS256.
        Assert.Equal(["ES256", "ES256", "RS256"], keys.EnumerateArray().Select(key => key.GetProperty("alg").GetString()!).Order());
        Assert.All(keys.EnumerateArray(), key => Assert.False(key.TryGetProperty("d", out _) || key.TryGetProperty("k", out _)));
    }

    [Fact]
    public async Task A_provider_in_a_container_fetches_the_same_keys_under_its_own_name_for_this_machine()
    {
        await using var server = await RunningAuthServer.StartAsync(
            stack.Redis.ConnectionString, settings: ("BackChannelHosts:0", "machine.internal:4242"));
        async Task<Answer> GetAsync(string path, string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
            return await Answer.OfAsync(await server.Client.SendAsync(request, TestContext.Current.CancellationToken));
        }

        var own = await GetAsync("/.well-known/jwks", $"localhost:{server.Port}");
        var inside = await GetAsync("/.well-known/jwks", "machine.internal:4242");
        Assert.Equal(own.Json.GetRawText(), inside.Json.GetRawText());
        Assert.Equal(3, inside.Json.GetProperty("keys").GetArrayLength());
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync("/.well-known/openid-configuration", "machine.internal:4242")).Status);
        Assert.NotEqual(HttpStatusCode.BadRequest, (await GetAsync("/sign-in/keycloak/backchannel-logout", "machine.internal:4242")).Status);
    }

    [Theory]
    [InlineData("/.well-known/oauth-authorization-server", "*")]
    [InlineData("/.well-known/jwks", "*")]
    [InlineData("/connect/authorize", null)]
    [InlineData("/sign-in", null)]
    [InlineData("/", null)]
    public async Task Any_origin_may_read_metadata_and_none_may_read_pages(string path, string? allowed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Origin", "https://elsewhere.example" } } };
        var response = await stack.Server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(allowed, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData("/connect/token")]
    [InlineData("/connect/revoke")]
    public async Task A_browser_of_any_origin_may_post_to_token_and_revoke(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path)
        {
            Headers = { { "Origin", "https://elsewhere.example" }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "authorization" } },
        };
        var response = await stack.Server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Fact]
    public async Task A_foreign_host_is_refused_and_forwarded_headers_of_strangers_change_nothing()
    {
        using var foreign = new HttpRequestMessage(HttpMethod.Get, WellKnown[0]) { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.BadRequest, (await stack.Server.Client.SendAsync(foreign, TestContext.Current.CancellationToken)).StatusCode);

        using var forwarded = new HttpRequestMessage(HttpMethod.Get, WellKnown[0])
        {
            Headers = { { "X-Forwarded-Host", "evil.example" }, { "X-Forwarded-Proto", "https" }, { "Forwarded", "host=evil.example" } },
        };
        var answer = await Answer.OfAsync(await stack.Server.Client.SendAsync(forwarded, TestContext.Current.CancellationToken));
        Assert.DoesNotContain("evil.example", answer.Json.ToString());
        Assert.Equal(stack.Server.Issuer, answer.Text("issuer"));
    }

    private static string[] List(JsonElement document, string name) =>
        [.. document.GetProperty(name).EnumerateArray().Select(value => value.GetString()!)];
}
