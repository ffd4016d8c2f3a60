using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests;

/// <summary>What a client's <c>jwks_uri</c> answers: only a good key set proves anything, and only that is kept.</summary>
public sealed class ClientKeyTests(Surroundings stack) : IClassFixture<Surroundings>, IAsyncLifetime
{
    private static readonly string[] Certificate = ["MIIB"];

    private TestClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _client = await TestClient.StartAsync();
        _client.Document.Remove("jwks");
        _client.Document["jwks_uri"] = $"{_client.Origin}/oauth/jwks.json";
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Theory]
    [InlineData(404, "application/json", "{}", "did not answer 200")]
    [InlineData(500, "application/json", "{}", "did not answer 200")]
    [InlineData(204, "application/json", "", "did not answer 200")]
    [InlineData(302, "application/json", "", "did not answer 200, without a redirect")]
    [InlineData(200, "text/html", "the keys", "not application/json by its content type")]
    [InlineData(200, "application/json", "", "not a JSON Web Key Set")]
    [InlineData(200, "application/json", "{", "not a JSON Web Key Set")]
    [InlineData(200, "application/json", "null", "not a JSON Web Key Set")]
    [InlineData(200, "application/json", "[]", "not a JSON Web Key Set")]
    [InlineData(200, "application/json", "{\"keys\":7}", "not a JSON Web Key Set")]
    [InlineData(200, "application/json", "{\"keys\":[]}", "1 to 20 public keys")]
    [InlineData(200, "application/json", "{}", "1 to 20 public keys")]
    [InlineData(200, "application/json", "{\"keys\":[null]}", "1 to 20 public keys")]
    [InlineData(200, "application/json", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}", "1 to 20 public keys")]
    [InlineData(200, "application/json", "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}", "RSA key of 2048 to 4096 bits or an EC key")]
    [InlineData(200, "application/json", "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}", "RSA key of 2048 to 4096 bits or an EC key")]
    public async Task A_bad_answer_is_refused_with_what_is_wrong_and_its_repair_taken_at_once(int status, string mediaType, string body, string says)
    {
        _client.KeyAnswer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = mediaType;
            context.Response.Headers.Location = "/oauth/client-metadata.json";
            context.Response.Headers.CacheControl = "max-age=86400";
            return status is 204 or 302 ? Task.CompletedTask : context.Response.WriteAsync(body);
        };
        await RefusedAsync(says);
        await RefusedAsync(says);
        Assert.Equal(2, _client.KeyRequests);

        _client.KeyAnswer = null;
        await TakenAsync();
    }

    [Fact]
    public async Task A_set_of_more_than_32_KB_is_refused_and_one_of_20_keys_taken_and_21_refused()
    {
        _client.KeyAnswer = context => context.Response.WriteAsJsonAsync(new { padding = new string('x', 32 * 1024) });
        await RefusedAsync("larger than 32768 bytes");
        _client.KeyAnswer = context => context.Response.WriteAsJsonAsync(Times(21));
        await RefusedAsync("1 to 20 public keys");
        _client.KeyAnswer = context => context.Response.WriteAsJsonAsync(Times(20));
        await TakenAsync();
    }

    [Fact]
    public async Task With_which_status_its_server_refuses_is_for_the_log_alone()
    {
        _client.KeyAnswer = context => { context.Response.StatusCode = 418; return Task.CompletedTask; };
        Assert.DoesNotContain("418", (await ProveAsync()).Text("error_description"));
        Assert.Contains(stack.Server.Logs.Lines, line => line.Contains($"{_client.Origin}/oauth/jwks.json answered 418", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_good_set_is_kept_and_a_bad_answer_for_an_unknown_key_does_not_take_its_place()
    {
        await TakenAsync();
        var own = _client.Key;
        _client.KeyAnswer = context => { context.Response.StatusCode = 500; return Task.CompletedTask; };
        _client.Key = TestClient.NewKey("unknown");
        await RefusedAsync("did not answer 200");
        _client.Key = own;
        await TakenAsync();
        Assert.Equal(2, _client.KeyRequests);
    }

    /// <summary>What would cost us much to verify with, and what no library can read: whoever registers chooses the numbers.</summary>
    [Theory]
    [InlineData("RSA", 1024, 3, false)]
    [InlineData("RSA", 2048, 3, true)]
    [InlineData("RSA", 4096, 4, true)]
    [InlineData("RSA", 4104, 3, false)]
    [InlineData("RSA", 16384, 3, false)]
    [InlineData("RSA", 3072, 5, false)]
    [InlineData("RSA", 3072, 384, false)]
    [InlineData("RSA", 3072, 0, false)]
    [InlineData("RSA", 0, 3, false)]
    public void An_RSA_key_has_2048_to_4096_bits_and_a_small_exponent(string type, int bits, int exponentBytes, bool usable) =>
        Assert.Equal(usable, IsUsable(new { kty = type, n = Number(bits / 8), e = Number(exponentBytes) }));

    [Theory]
    [InlineData("P-256", 32, true)]
    [InlineData("P-384", 48, true)]
    [InlineData("P-521", 66, true)]
    [InlineData("P-256", 31, false)]
    [InlineData("P-256", 0, false)]
    [InlineData("P-521", 6600, false)]
    [InlineData("secp256k1", 32, false)]
    [InlineData("", 32, false)]
    public void An_EC_key_is_on_a_known_curve_and_of_its_length(string curve, int bytes, bool usable) =>
        Assert.Equal(usable, IsUsable(new { kty = "EC", crv = curve, x = Number(bytes), y = Number(bytes) }));

    [Fact]
    public void What_is_not_written_in_base64url_is_no_number() =>
        Assert.False(IsUsable(new { kty = "RSA", n = new string('!', 400), e = "AQAB" }));

    [Fact]
    public void A_certificate_beside_a_key_is_not_looked_at()
    {
        var key = Assert.Single(ClientKeys.Parse(JsonSerializer.Serialize(
            new { keys = new[] { new { kty = "RSA", kid = "one", n = Number(256), e = "AQAB", x5c = Certificate, x5u = "https://client.example/c" } } })).Keys);
        Assert.Equal(("one", 0, null), (key.Kid, key.X5c.Count, key.X5u));
    }

    [Fact]
    public async Task An_assertion_is_verified_with_one_key_which_its_kid_names_where_several_fit()
    {
        var own = _client.Key;
        var set = new { keys = new[] { JsonSerializer.SerializeToElement(_client.Keys).GetProperty("keys")[0], JsonSerializer.SerializeToElement(TestClient.KeySet(TestClient.NewKey("two"))).GetProperty("keys")[0] } };
        _client.KeyAnswer = context => context.Response.WriteAsJsonAsync(set);
        await TakenAsync();

        _client.Key = new ECDsaSecurityKey(own.ECDsa);
        await RefusedAsync("Give each key a kid of its own");

        _client.Key = new ECDsaSecurityKey(own.ECDsa) { KeyId = "two" };
        var refused = await ProveAsync();
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (refused.Status, refused.Error));
    }

    /// <summary>The key is known, and is of another kind: to ask again would change nothing.</summary>
    [Fact]
    public async Task A_known_kid_with_an_algorithm_that_is_not_its_key_s_is_refused_without_asking_again()
    {
        _client.KeyAnswer = context => context.Response.WriteAsJsonAsync(
            new { keys = new[] { new { kty = "RSA", kid = _client.Key.KeyId, n = Number(256), e = "AQAB" } } });
        Assert.Equal("invalid_client", (await ProveAsync()).Error);
        Assert.Equal("invalid_client", (await ProveAsync()).Error);
        Assert.Equal(1, _client.KeyRequests);
    }

    [Fact]
    public async Task A_key_without_kid_that_is_the_only_one_is_found_without_asking_again()
    {
        var named = JsonSerializer.SerializeToNode(_client.Keys)!;
        named["keys"]![0]!.AsObject().Remove("kid");
        _client.KeyAnswer = context => context.Response.WriteAsJsonAsync(named);
        await TakenAsync();
        await TakenAsync();
        Assert.Equal(1, _client.KeyRequests);
    }

    /// <summary>Else anybody could keep a client's new key from being found.</summary>
    [Fact]
    public async Task Unknown_kids_from_one_address_use_up_its_own_tries_only()
    {
        await using var server = await RunningAuthServer.StartAsync(
            stack.Redis.ConnectionString, settings: [("ClientDocuments:AttemptsPerUrl", "2"), ("ForwardedHeaders:KnownProxies:0", "127.0.0.1")]);
        var own = _client.Key;
        async Task<Answer> ProveFromAsync(string address)
        {
            var flow = new Flow(server, _client);
            var fields = flow.CodeRequest("none");
            fields["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            fields["client_assertion"] = _client.Assertion(server.Issuer, server.Time.GetUtcNow());
            using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token")
            {
                Content = new FormUrlEncodedContent(fields!),
                Headers = { { "X-Forwarded-For", address } },
            };
            return await Answer.OfAsync(await server.Client.SendAsync(request, TestContext.Current.CancellationToken));
        }

        Assert.Equal("invalid_grant", (await ProveFromAsync("192.0.2.1")).Error);
        for (var number = 0; number < 3; number++)
        {
            _client.Key = TestClient.NewKey($"forged {number}");
            _client.KeyAnswer = context => context.Response.WriteAsJsonAsync(TestClient.KeySet(own));
            Assert.Equal("invalid_client", (await ProveFromAsync("192.0.2.1")).Error);
        }

        _client.KeyAnswer = null;
        _client.Key = TestClient.NewKey("new");
        Assert.Contains("asked for too often", (await ProveFromAsync("192.0.2.1")).Text("error_description"));
        Assert.Equal("invalid_grant", (await ProveFromAsync("192.0.2.2")).Error);
    }

    private static bool IsUsable(object key) =>
        Record.Exception(() => ClientKeys.Parse(JsonSerializer.Serialize(new { keys = new[] { key } }))) switch
        {
            null => true,
            ClientRefusedException => false,
            var other => throw other,
        };

    private static string Number(int bytes) => Base64UrlEncoder.Encode([.. Enumerable.Repeat((byte)0xC1, bytes)]);

    private object Times(int count)
    {
        var key = JsonSerializer.SerializeToNode(_client.Keys)!["keys"]![0]!;
        return new { keys = Enumerable.Range(0, count).Select(number => Named(key.DeepClone(), number == 0 ? _client.Key.KeyId : $"{number}")) };
    }

    private static JsonNode Named(JsonNode key, string kid)
    {
        key["kid"] = kid;
        return key;
    }

    private async Task RefusedAsync(string says)
    {
        var answer = await ProveAsync();
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (answer.Status, answer.Error));
        Assert.Contains(says, answer.Text("error_description"));
    }

    /// <summary>The key is taken: what is wrong is only the code.</summary>
    private async Task TakenAsync() => Assert.Equal("invalid_grant", (await ProveAsync()).Error);

    private Task<Answer> ProveAsync()
    {
        var flow = new Flow(stack.Server, _client);
        return flow.TokenAsync(flow.CodeRequest("none"));
    }
}
