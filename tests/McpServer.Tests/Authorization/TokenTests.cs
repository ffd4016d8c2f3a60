using System.Net;
using System.Text.Json.Nodes;
using McpAspire.McpServer.Tests.Stack;

namespace McpAspire.McpServer.Tests.Authorization;

public sealed class TokenTests(McpServerHost host) : IClassFixture<McpServerHost>
{
    [Fact]
    public async Task A_good_token_is_let_in() => await AssertAcceptedAsync(host.Token());

    [Fact]
    public async Task Rs256_is_taken_too() => await AssertAcceptedAsync(host.GoodToken().Sign(host.AuthorizationServer.Keys[1]));

    [Fact]
    public async Task An_audience_list_that_contains_the_resource_is_taken() =>
        await AssertAcceptedAsync(host.Token(jwt => jwt.Payload["aud"] = new JsonArray("https://other.example", host.Resource)));

    [Fact]
    public async Task Scopes_may_be_a_list_too() =>
        await AssertAcceptedAsync(host.Token(jwt => jwt.Payload["scope"] = new JsonArray("openid", "mcp:tools")));

    [Fact]
    public async Task Thirty_seconds_of_clock_skew_are_forgiven() =>
        await AssertAcceptedAsync(host.Token(jwt => jwt.Payload["exp"] = Now - 25));

    [Fact]
    public async Task An_expired_token_is_refused() =>
        await AssertRefusedAsync(host.Token(jwt => jwt.Payload["exp"] = Now - 35), "expired at 20");

    [Fact]
    public async Task A_token_that_is_not_yet_valid_is_refused() =>
        await AssertRefusedAsync(host.Token(jwt => jwt.Payload["nbf"] = Now + 60), "not valid before 20");

    [Theory]
    [InlineData("https://other.example")]
    [InlineData("{issuer}/")]
    public async Task A_token_of_another_issuer_is_refused(string issuer) => await AssertRefusedAsync(
        host.Token(jwt => jwt.Payload["iss"] = issuer.Replace("{issuer}", host.AuthorizationServer.Issuer, StringComparison.Ordinal)),
        "another issuer");

    [Theory]
    [InlineData("https://other.example/mcp")]
    [InlineData("{resource}/")]
    [InlineData("")]
    public async Task A_token_for_another_audience_is_refused(string audience) => await AssertRefusedAsync(
        host.Token(jwt => jwt.Payload["aud"] = audience.Replace("{resource}", host.Resource, StringComparison.Ordinal)),
        $"resource={host.Resource}");

    [Fact]
    public async Task A_token_without_audience_is_refused() =>
        await AssertRefusedAsync(host.Token(jwt => jwt.Payload.Remove("aud")), $"resource={host.Resource}");

    [Fact]
    public async Task An_unsigned_token_is_refused() => await AssertRefusedAsync(host.GoodToken().Unsigned(), "ES256 or RS256");

    [Fact]
    public async Task Hs256_with_the_public_key_as_secret_is_refused() =>
        await AssertRefusedAsync(host.GoodToken().SignHs256With(host.AuthorizationServer.Keys[1]), "ES256 or RS256");

    [Fact]
    public async Task A_key_of_another_algorithm_than_the_header_says_is_refused() => await AssertRefusedAsync(
        host.Token(jwt => jwt.Header["alg"] = "RS256"), "access token");

    [Theory]
    [InlineData("JWT")]
    [InlineData(null)]
    [InlineData("logout+jwt")]
    public async Task An_id_token_is_refused(string? type) =>
        await AssertRefusedAsync(host.Token(jwt => jwt.Header["typ"] = type), "not an access token");

    [Theory]
    [InlineData("sub")]
    [InlineData("exp")]
    [InlineData("iat")]
    [InlineData("client_id")]
    public async Task A_token_without_a_required_claim_is_refused(string claim) =>
        await AssertRefusedAsync(host.Token(jwt => jwt.Payload.Remove(claim)), $"no {claim} claim");

    [Fact]
    public async Task A_changed_token_is_refused()
    {
        var parts = host.Token().Split('.');
        var other = host.Token(jwt => jwt.Payload["sub"] = "another").Split('.');
        await AssertRefusedAsync($"{other[0]}.{other[1]}.{parts[2]}", "signature");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("....")]
    public async Task What_is_no_jwt_is_refused(string token) => await AssertRefusedAsync(token, "not a JWT");

    [Fact]
    public async Task A_token_without_key_id_is_refused()
    {
        var key = host.AuthorizationServer.Keys[0];
        var jwt = host.GoodToken();
        jwt.Header["kid"] = "";
        await AssertRefusedAsync(jwt.Sign(key), "key");
    }

    private long Now => host.Time.GetUtcNow().ToUnixTimeSeconds();

    private async Task AssertAcceptedAsync(string token)
    {
        using var response = await host.SendAsync(McpRequests.Echo(token));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Hello", (string?)(await response.JsonAsync())["result"]?["structuredContent"]?["echo"]);
    }

    private async Task AssertRefusedAsync(string token, string reason)
    {
        using var response = await host.SendAsync(McpRequests.Echo(token));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("error=\"invalid_token\"", response.Challenge(), StringComparison.Ordinal);
        var body = await response.JsonAsync();
        Assert.Equal("invalid_token", (string?)body["error"]);
        Assert.Contains(reason, (string?)body["error_description"], StringComparison.Ordinal);
        Assert.DoesNotContain(token, response.Challenge(), StringComparison.Ordinal);
    }
}
