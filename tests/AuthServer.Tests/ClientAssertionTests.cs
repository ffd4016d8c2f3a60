using System.Net;
using System.Security.Cryptography;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests;

public sealed class ClientAssertionTests(Surroundings stack) : IClassFixture<Surroundings>
{
    private DateTimeOffset Now => stack.Server.Time.GetUtcNow();

    [Fact]
    public async Task A_public_request_of_a_client_with_a_key_is_refused() =>
        await RefusedAsync(_ => null);

    [Fact]
    public async Task An_unsigned_assertion_is_refused() =>
        await RefusedAsync(client =>
        {
            var parts = client.Assertion(stack.Server.Issuer, Now).Split('.');
            return $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"client-authentication+jwt"}""")}.{parts[1]}.";
        });

    [Fact]
    public async Task An_assertion_signed_with_a_foreign_key_is_refused() =>
        await RefusedAsync(client =>
        {
            using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var own = client.Key;
            client.Key = new ECDsaSecurityKey(foreign) { KeyId = "one" };
            var assertion = client.Assertion(stack.Server.Issuer, Now);
            client.Key = own;
            return assertion;
        });

    [Fact]
    public async Task An_assertion_for_another_server_is_refused() =>
        await RefusedAsync(client => client.Assertion("https://elsewhere.example", Now));

    [Fact]
    public async Task An_assertion_that_lives_too_long_or_has_expired_or_comes_from_the_future_is_refused()
    {
        await RefusedAsync(client => client.Assertion(stack.Server.Issuer, Now, lifetime: TimeSpan.FromMinutes(12)));
        await RefusedAsync(client => client.Assertion(stack.Server.Issuer, Now - TimeSpan.FromMinutes(10), lifetime: TimeSpan.FromMinutes(5)));
        await RefusedAsync(client => client.Assertion(stack.Server.Issuer, Now + TimeSpan.FromMinutes(2)));
    }

    [Theory]
    [InlineData("at+jwt")]
    [InlineData("oi_reft+jwt")]
    public async Task An_assertion_of_another_type_is_refused(string type) =>
        await RefusedAsync(client => client.Assertion(stack.Server.Issuer, Now, type));

    [Theory]
    [InlineData("one.two")]
    [InlineData("a.b.c")]
    [InlineData("e30.a.b.c.d")]
    [InlineData("eyJhbGciOiJkaXIifQ.a.b.c.d")]
    public async Task What_is_no_token_is_refused(string assertion) => await RefusedAsync(_ => assertion);

    [Theory]
    [InlineData("/connect/token", "a.b.c")]
    [InlineData("/connect/token", "e30.e30.")]
    [InlineData("/connect/token", "one.two")]
    [InlineData("/connect/token", "e30.a.b.c.d")]
    [InlineData("/connect/token", "eyJhbGciOiJkaXIifQ.a.b.c.d")]
    [InlineData("/connect/device", "a.b.c")]
    [InlineData("/connect/revoke", "a.b.c")]
    [InlineData("/connect/introspect", "a.b.c")]
    public async Task What_is_no_token_is_refused_too_where_it_alone_would_name_the_client(string path, string assertion)
    {
        var answer = await stack.Flow().PostAsync(path, new()
        {
            ["client_id"] = null,
            ["client_assertion"] = assertion,
            ["grant_type"] = "client_credentials",
            ["token"] = "any",
        });
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (answer.Status, answer.Error));
    }

    [Theory]
    [InlineData("JWT", "")]
    [InlineData("client-authentication+jwt", "/connect/token")]
    [InlineData("client-authentication+jwt", "/connect/par")]
    public async Task Plain_types_and_the_token_and_pushed_request_endpoints_as_audience_are_taken(string type, string path)
    {
        var flow = stack.Flow();
        var request = flow.CodeRequest(await flow.CodeAsync());
        request["client_assertion"] = stack.Client.Assertion(stack.Server.Issuer + path, Now, type);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(request)).Status);
    }

    [Theory]
    [InlineData("/connect/revoke")]
    [InlineData("/")]
    public async Task Another_endpoint_as_audience_is_refused(string path) =>
        await RefusedAsync(client => client.Assertion(stack.Server.Issuer + path, Now));

    [Fact]
    public async Task An_assertion_with_more_than_one_audience_is_refused() =>
        await RefusedAsync(client => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = client.Id,
            Audiences = { stack.Server.Issuer, "https://elsewhere.example" },
            Expires = Now.AddMinutes(1).UtcDateTime,
            TokenType = "client-authentication+jwt",
            Claims = new Dictionary<string, object> { ["sub"] = client.Id, ["jti"] = Guid.NewGuid().ToString() },
            SigningCredentials = new SigningCredentials(client.Key, SecurityAlgorithms.EcdsaSha256),
        }));

    [Fact]
    public async Task Where_the_operator_is_strict_the_issuer_alone_is_taken_as_audience()
    {
        await using var server = await RunningAuthServer.StartAsync(stack.Redis.ConnectionString, settings: ("ClientAssertions:Audience", "Issuer"));
        var flow = new Flow(server, stack.Client);
        var request = flow.CodeRequest(await flow.CodeAsync());
        foreach (var path in new[] { "/connect/token", "/connect/par" })
        {
            request["client_assertion"] = stack.Client.Assertion(server.Issuer + path, server.Time.GetUtcNow());
            Assert.Equal("invalid_client", (await flow.TokenAsync(request)).Error);
        }

        request["client_assertion"] = stack.Client.Assertion(server.Issuer, server.Time.GetUtcNow());
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(request)).Status);
    }

    [Fact]
    public async Task An_assertion_is_good_for_one_use()
    {
        var flow = stack.Flow();
        var request = flow.CodeRequest(await flow.CodeAsync());
        request["client_assertion"] = stack.Client.Assertion(stack.Server.Issuer, Now);
        var tokens = await flow.TokenAsync(request);

        var refresh = Flow.RefreshRequest(tokens.RefreshToken);
        refresh["client_assertion"] = request["client_assertion"];
        var replayed = await flow.TokenAsync(refresh);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (replayed.Status, replayed.Error));
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_new_key_of_the_client_is_found_at_once(bool atJwksUri)
    {
        await using var client = await TestClient.StartAsync();
        if (atJwksUri)
        {
            client.Document.Remove("jwks");
            client.Document["jwks_uri"] = $"{client.Origin}/oauth/jwks.json";
        }

        var flow = new Flow(stack.Server, client);
        await flow.TokensAsync();
        client.Key = new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = "two" };
        if (!atJwksUri)
        {
            client.Document["jwks"] = client.Keys;
        }

        Assert.Equal(HttpStatusCode.OK, (await flow.TokensAsync()).Status);
    }

    private async Task RefusedAsync(Func<TestClient, string?> assertion)
    {
        var flow = stack.Flow();
        var request = flow.CodeRequest(await flow.CodeAsync());
        request["client_assertion"] = assertion(stack.Client);
        if (request["client_assertion"] is null)
        {
            request["client_assertion_type"] = null;
        }

        var answer = await flow.TokenAsync(request);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (answer.Status, answer.Error));
        Assert.False(string.IsNullOrEmpty(answer.Text("error_description")));
        request["client_assertion"] = stack.Client.Assertion(stack.Server.Issuer, Now);
        request["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(request)).Status);
    }
}
