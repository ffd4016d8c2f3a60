using System.Net;
using System.Text.Json;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests.Registration;

/// <summary>What can not be registered, and what is said about it (RFC 7591 §3.2.2).</summary>
public sealed class RegistrationRefusalTests(RegistrationServer fixture) : RegisteringTest(fixture), IClassFixture<RegistrationServer>
{
    [Theory]
    [InlineData("http://127.0.0.2:8123/cb")]
    [InlineData("http://2130706433/cb")]
    [InlineData("http://127.1/cb")]
    [InlineData("http://0x7f.1/cb")]
    [InlineData("http://[::ffff:127.0.0.1]/cb")]
    [InlineData("http://[0:0:0:0:0:0:0:1]/cb")]
    [InlineData("http://app.localhost/cb")]
    public async Task Loopback_is_localhost_127_0_0_1_and_1_of_IPv6_as_they_are_written_so(string redirect)
    {
        var answer = await RegisterTextAsync(JsonSerializer.Serialize(new { redirect_uris = new[] { redirect } }));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_redirect_uri"), (answer.Status, answer.Error));
        Assert.Contains("http on localhost, 127.0.0.1 or [::1]", answer.Text("error_description"));
    }

    [Theory]
    [InlineData("[]", "it must be a JSON object")]
    [InlineData("{", "it must be a JSON object")]
    [InlineData("""{"redirect_uris":["https://a.example/cb",7]}""", "'redirect_uris' must be a list of strings")]
    [InlineData("""{"client_name":7}""", "'client_name' must be a string")]
    [InlineData("""{"backchannel_logout_session_required":"yes"}""", "'backchannel_logout_session_required' must be true or false")]
    public async Task Metadata_of_another_shape_are_refused_by_the_name_of_the_member(string metadata, string says)
    {
        var answer = await RegisterTextAsync(metadata);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_client_metadata"), (answer.Status, answer.Error));
        Assert.Contains(says, answer.Text("error_description"));
    }

    [Fact]
    public async Task A_key_set_that_is_registered_has_32_KB_at_most_as_one_that_is_fetched()
    {
        await using var client = await TestClient.StartAsync();
        var body = new System.Text.Json.Nodes.JsonObject
        {
            ["redirect_uris"] = new System.Text.Json.Nodes.JsonArray(client.RedirectUri),
            ["jwks"] = JsonSerializer.SerializeToNode(client.Keys),
        };
        body["jwks"]!["padding"] = new string('x', 32 * 1024);
        var answer = await RegisterAsync(body);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_client_metadata"), (answer.Status, answer.Error));
        Assert.Contains("larger than 32768 bytes", answer.Text("error_description"));
    }

    [Theory]
    [InlineData("[\"https://a.example/cb#x\"]", "invalid_redirect_uri", "fragment")]
    [InlineData("[\"http://a.example/cb\"]", "invalid_redirect_uri", "https")]
    [InlineData("[\"javascript:alert(1)\"]", "invalid_redirect_uri", "scheme")]
    [InlineData("[\"myapp:/cb\"]", "invalid_redirect_uri", "dot")]
    [InlineData("[\"https://a.example/\\u00fc\"]", "invalid_redirect_uri", "percent-encode")]
    [InlineData("[\"https://b\\u00fccher.example/cb\"]", "invalid_redirect_uri", "xn--")]
    [InlineData("[\"http://localhost:8000/cb\\n\"]", "invalid_redirect_uri", "percent-encode")]
    [InlineData("[\"https:/\\\\a.example/cb\"]", "invalid_redirect_uri", "percent-encode")]
    [InlineData("[\"https://a.example/<cb>\"]", "invalid_redirect_uri", "percent-encode")]
    [InlineData("[]", "invalid_redirect_uri", "redirect_uris")]
    [InlineData("null", "invalid_redirect_uri", "redirect_uris")]
    [InlineData("\"https://a.example/cb\"", "invalid_client_metadata", "redirect_uris")]
    public async Task A_redirect_uri_that_may_not_be_registered_is_refused_by_its_own_error(string redirects, string error, string says)
    {
        var answer = await RegisterTextAsync($$"""{"redirect_uris":{{redirects}}}""");
        Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Status, answer.Error));
        Assert.Contains(says, answer.Text("error_description"));
    }

    [Theory]
    [InlineData("""{"grant_types":["implicit"]}""", "authorization_code")]
    [InlineData("""{"grant_types":["refresh_token"]}""", "authorization_code")]
    [InlineData("""{"response_types":["token"]}""", "response type code")]
    [InlineData("""{"scope":"launch:missiles"}""", "mcp:tools")]
    [InlineData("""{"token_endpoint_auth_method":"client_secret_jwt"}""", "client_secret_basic")]
    [InlineData("""{"token_endpoint_auth_method":"private_key_jwt"}""", "jwks")]
    [InlineData("""{"jwks_uri":"https://a.example/jwks","jwks":{"keys":[]}}""", "not both")]
    [InlineData("""{"jwks":{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}}""", "public keys")]
    [InlineData("""{"jwks":{"keys":[{"kty":"RSA","n":"","e":""}]}}""", "RSA key of 2048 to 4096 bits")]
    [InlineData("""{"jwks":{"keys":[{"kty":"EC","crv":"","x":"","y":""}]}}""", "RSA key of 2048 to 4096 bits")]
    public async Task What_leaves_nothing_usable_is_refused_and_says_what_to_change(string metadata, string says)
    {
        var body = System.Text.Json.Nodes.JsonNode.Parse(metadata)!.AsObject();
        body["redirect_uris"] = new System.Text.Json.Nodes.JsonArray(Redirect);
        var answer = await RegisterAsync(body);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_client_metadata"), (answer.Status, answer.Error));
        Assert.Contains(says, answer.Text("error_description"));
    }

    [Fact]
    public async Task A_host_that_no_name_system_knows_is_refused()
    {
        var answer = await RegisterAsync(new { redirect_uris = new[] { Redirect, $"https://{new string('\u00FC', 64)}.example/cb" } });
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_redirect_uri"), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task Who_registers_gets_nothing_of_what_the_operator_lets_pass_and_a_configured_client_does()
    {
        const string inside = "http://inside.example:8080/keys";
        await using var server = await RunningAuthServer.StartAsync(Redis.ConnectionString, settings:
        [
            ("PublicUrl", "https://as.example"), ("Outbound:TrustedHosts:0", "inside.example:8080"),
            ("Clients:0:ClientId", "configured"), ("Clients:0:RedirectUris:0", Redirect), ("Clients:0:JwksUri", inside), ("Clients:0:BackChannelLogoutUri", inside),
        ]);
        server.Client.DefaultRequestHeaders.Host = "as.example";
        var answer = await RegisterAsync(new { redirect_uris = new[] { Redirect }, jwks_uri = inside }, server.Client);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_client_metadata"), (answer.Status, answer.Error));
        Assert.Contains("https", answer.Text("error_description"));
    }

    [Theory]
    [InlineData("not json", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("[]", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("null", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("redirect_uris=x", "application/x-www-form-urlencoded", HttpStatusCode.BadRequest)]
    public async Task What_is_no_json_object_is_refused(string text, string contentType, HttpStatusCode status)
    {
        var answer = await RegisterTextAsync(text, contentType);
        Assert.Equal((status, "invalid_client_metadata"), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task A_body_over_64_KB_is_refused()
    {
        var answer = await RegisterTextAsync($$"""{"redirect_uris":["{{Redirect}}"],"padding":"{{new string('x', 70_000)}}"}""");
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "invalid_request"), (answer.Status, answer.Error));
    }

    [Theory]
    [InlineData("Registration:PerMinute", "0")]
    [InlineData("Strangers:UnusedLifetime", "00:00:01")]
    [InlineData("Strangers:MostUnused", "0")]
    [InlineData("RedirectUris:PrivateUseSchemes:0", "javascript")]
    [InlineData("RedirectUris:PrivateUseSchemes:0", "no scheme")]
    [InlineData("ClientDocuments:AllowedHosts:0", "https://client.example")]
    public async Task A_setting_that_makes_no_sense_stops_the_start(string setting, string value)
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningAuthServer.StartAsync(Redis.ConnectionString, settings: [(setting, value)]));
        Assert.Contains(setting.Split(':')[0], refusal.Message);
    }
}
