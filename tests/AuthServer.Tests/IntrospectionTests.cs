using System.Net;
using System.Text;
using System.Text.Json;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests;

/// <summary>What a resource server learns of a token (RFC 7662).</summary>
public sealed class IntrospectionTests(ServiceSurroundings stack) : IClassFixture<ServiceSurroundings>
{
    [Fact]
    public async Task A_resource_server_learns_what_a_living_token_for_it_holds()
    {
        var tokens = await stack.Flow().TokensAsync();
        var answer = await IntrospectAsync(tokens.AccessToken);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("no-store", answer.Response.Headers.CacheControl?.ToString());
        var token = tokens.Access;
        Assert.True(answer.Json.GetProperty("active").GetBoolean());
        foreach (var name in new[] { "iss", "sub", "aud", "client_id", "scope", "jti", "grant_id", "sid" })
        {
            Assert.Equal(token.GetClaim(name).Value, answer.Text(name));
        }

        Assert.Equal(stack.Server.Issuer, answer.Text("iss"));
        Assert.Equal("Bearer", answer.Text("token_type"));
        foreach (var name in new[] { "exp", "iat", "auth_time" })
        {
            Assert.Equal(long.Parse(token.GetClaim(name).Value), answer.Json.GetProperty(name).GetInt64());
        }

        Assert.Equal(
            ["active", "aud", "auth_time", "client_id", "exp", "grant_id", "iat", "iss", "jti", "scope", "sid", "sub", "token_type"],
            answer.Json.EnumerateObject().Select(member => member.Name).Order());
    }

    [Fact]
    public async Task A_token_of_a_client_for_itself_is_active()
    {
        var token = await stack.TokenAsync(ServiceSurroundings.Service, new() { ["grant_type"] = "client_credentials" });
        var answer = await IntrospectAsync(token.AccessToken);
        Assert.True(answer.Json.GetProperty("active").GetBoolean());
        Assert.Equal("client:service", answer.Text("sub"));
    }

    [Fact]
    public async Task A_token_for_another_resource_is_inactive_and_only_that()
    {
        var tokens = await stack.Flow().TokensAsync();
        InactiveOnly(await IntrospectAsync(tokens.AccessToken, ServiceSurroundings.OtherResourceServer));
        var other = await stack.TokenAsync(ServiceSurroundings.Service, new() { ["grant_type"] = "client_credentials", ["resource"] = ServiceSurroundings.OtherResource });
        InactiveOnly(await IntrospectAsync(other.AccessToken));
        Assert.True((await IntrospectAsync(other.AccessToken, ServiceSurroundings.OtherResourceServer)).Json.GetProperty("active").GetBoolean());
    }

    [Theory]
    [InlineData("refresh_token")]
    [InlineData("id_token")]
    [InlineData("code")]
    [InlineData("garbage")]
    public async Task What_is_no_access_token_is_inactive(string what)
    {
        var flow = stack.Flow();
        var code = await flow.CodeAsync();
        var tokens = await flow.TokenAsync(flow.CodeRequest(code));
        InactiveOnly(await IntrospectAsync(what switch { "code" => code, "garbage" => "a.b.c", _ => tokens.Text(what)! }));
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
    }

    [Fact]
    public async Task Introspecting_a_used_refresh_token_ends_nothing()
    {
        var flow = stack.Flow();
        var first = await flow.TokensAsync();
        var second = await flow.TokenAsync(Flow.RefreshRequest(first.RefreshToken));
        stack.Server.Time.Advance(TimeSpan.FromSeconds(20));
        InactiveOnly(await IntrospectAsync(first.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(second.RefreshToken))).Status);
    }

    [Fact]
    public async Task A_parameter_that_is_sent_twice_is_refused()
    {
        using var content = new FormUrlEncodedContent([KeyValuePair.Create("token", "one"), KeyValuePair.Create("token", "two")]);
        var answer = await Answer.OfAsync(await stack.Server.Client.PostAsync("/connect/introspect", content, TestContext.Current.CancellationToken));
        Assert.Equal("invalid_request", answer.Error);
    }

    [Fact]
    public async Task A_token_in_a_URL_is_refused_since_URLs_are_logged()
    {
        var tokens = await stack.Flow().TokensAsync();
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"secret-exchanger:{Uri.EscapeDataString(ServiceSurroundings.Secret)}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/connect/introspect?token={tokens.AccessToken}")
        {
            Headers = { Authorization = new("Basic", credentials) },
        };
        var answer = await Answer.OfAsync(await stack.Server.Client.SendAsync(request, TestContext.Current.CancellationToken));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task An_expired_token_is_inactive()
    {
        var tokens = await stack.Flow().TokensAsync();
        stack.Server.Time.Advance(TimeSpan.FromMinutes(6));
        InactiveOnly(await IntrospectAsync(tokens.AccessToken));
    }

    [Fact]
    public async Task A_token_is_inactive_as_soon_as_its_grant_was_revoked()
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        await flow.PostAsync("/connect/revoke", new() { ["token"] = tokens.AccessToken });
        InactiveOnly(await IntrospectAsync(tokens.AccessToken));
    }

    [Theory]
    [InlineData(nameof(EndReason.SignedOutEverywhere))]
    [InlineData(nameof(EndReason.AccountDisabled))]
    public async Task A_token_is_inactive_as_soon_as_its_person_was_signed_out_or_disabled(string reason)
    {
        var tokens = await stack.Flow().TokensAsync(userName: "bob");
        using var scope = stack.Server.Scope();
        var acts = scope.ServiceProvider.GetRequiredService<EndingActs>();
        await acts.EndEverythingAsync(tokens.Access.Subject, Enum.Parse<EndReason>(reason), TestContext.Current.CancellationToken);
        InactiveOnly(await IntrospectAsync(tokens.AccessToken));
        await acts.EnableAsync(tokens.Access.Subject, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("public", "unauthorized_client")]
    [InlineData(ServiceSurroundings.Service, "unauthorized_client")]
    public async Task Who_is_no_resource_server_is_refused_whatever_the_token(string client, string error)
    {
        var tokens = await stack.Flow().TokensAsync();
        foreach (var token in new[] { tokens.AccessToken, "garbage" })
        {
            var fields = new Dictionary<string, string?> { ["token"] = token };
            if (client == "public")
            {
                fields["client_secret"] = null;
            }

            Assert.Equal(error, (await stack.PostAsync("/connect/introspect", client, fields)).Error);
        }

        Assert.Equal("unauthorized_client", (await stack.Flow().PostAsync("/connect/introspect", new() { ["token"] = tokens.AccessToken })).Error);
    }

    [Fact]
    public async Task A_resource_server_that_does_not_prove_itself_is_refused()
    {
        var answer = await stack.Flow().PostAsync(
            "/connect/introspect",
            new() { ["token"] = "any", ["client_id"] = ServiceSurroundings.ResourceServer, ["client_assertion"] = null, ["client_assertion_type"] = null });
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (answer.Status, answer.Error));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("seed-client")]
    public async Task A_resource_whose_client_is_unknown_or_public_stops_the_start(string client)
    {
        using var redis = new RedisServer();
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => RunningAuthServer.StartAsync(redis.ConnectionString, settings: ("Resources:0:Client", client)));
        Assert.Contains($"'{client}'", failure.Message);
        Assert.Contains("'Clients'", failure.Message);
    }

    private Task<Answer> IntrospectAsync(string token, string client = ServiceSurroundings.ResourceServer) =>
        stack.PostAsync("/connect/introspect", client, new() { ["token"] = token });

    private static void InactiveOnly(Answer answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("""{"active":false}""", JsonSerializer.Serialize(answer.Json));
    }
}
