using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests;

/// <summary>A resource server exchanges the token it received for one for the person's profile here (RFC 8693).</summary>
public sealed class TokenExchangeTests(ServiceSurroundings stack) : IClassFixture<ServiceSurroundings>
{
    private const string AccessToken = "urn:ietf:params:oauth:token-type:access_token";

    private string Account => $"{stack.Server.Issuer}/account";

    [Fact]
    public async Task A_resource_server_gets_a_token_of_the_same_grant_that_names_who_acts()
    {
        var subject = await stack.Flow().TokensAsync();
        var answer = await ExchangeAsync(subject.AccessToken);
        Assert.Equal((HttpStatusCode.OK, null), (answer.Status, answer.Error));
        Assert.Equal((AccessToken, "Bearer"), (answer.Text("issued_token_type"), answer.Text("token_type")));
        Assert.Equal("profile:read profile email roles", answer.Text("scope"));
        Assert.Null(answer.Text("refresh_token"));
        var (token, before) = (answer.Access, subject.Access);
        Assert.Equal(("at+jwt", "ES256"), (token.Typ, token.Alg));
        Assert.Equal([Account], token.Audiences);
        Assert.Equal((stack.Server.Issuer, before.Subject, ServiceSurroundings.ResourceServer), (token.Issuer, token.Subject, token.GetClaim("client_id").Value));
        Assert.Equal("profile:read profile email roles", token.GetClaim("scope").Value);
        var payload = JsonDocument.Parse(Base64UrlEncoder.Decode(token.EncodedPayload)).RootElement;
        Assert.Equal($$"""{"sub":"{{ServiceSurroundings.ResourceServer}}"}""", payload.GetProperty("act").GetRawText());
        foreach (var name in new[] { "grant_id", "sid", "auth_time" })
        {
            Assert.Equal(before.GetClaim(name).Value, token.GetClaim(name).Value);
        }

        Assert.NotEqual(before.Id, token.Id);
        Assert.Contains(stack.Server.Logs.Lines, line => line.Contains("Token exchanged: client mcp-server acts for account"));
    }

    [Fact]
    public async Task It_lives_no_longer_than_the_token_it_came_of()
    {
        var subject = await stack.Flow().TokensAsync();
        stack.Server.Time.Advance(TimeSpan.FromMinutes(3));
        var answer = await ExchangeAsync(subject.AccessToken);
        Assert.Equal(subject.Access.ValidTo, answer.Access.ValidTo);
        Assert.InRange(answer.Json.GetProperty("expires_in").GetInt32(), 119, 120);
        stack.Server.Time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal("invalid_request", (await ExchangeAsync(subject.AccessToken)).Error);
    }

    /// <summary>Clocks may differ, so a token is taken for some seconds more; but nothing comes of it that would live on.</summary>
    [Fact]
    public async Task One_that_has_just_expired_is_exchanged_for_nothing()
    {
        var subject = await stack.Flow().TokensAsync();
        stack.Server.Time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(10));
        Assert.Equal("invalid_request", (await ExchangeAsync(subject.AccessToken)).Error);
    }

    [Fact]
    public async Task The_profile_gives_what_the_person_let_the_application_know_and_no_more()
    {
        var all = await ProfileAsync((await ExchangeAsync((await stack.Flow().TokensAsync()).AccessToken)).AccessToken);
        Assert.Equal(("Alice Adams", "alice@example.com"), (all.Text("name"), all.Text("email")));
        Assert.Equal("user", all.Json.GetProperty("roles")[0].GetString());

        var flow = stack.Flow();
        var subject = await flow.TokensAsync(flow.Request("mcp:tools email"));
        var some = await ProfileAsync((await ExchangeAsync(subject.AccessToken)).AccessToken);
        Assert.Equal(["email", "sub"], some.Json.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(subject.Access.Subject, some.Text("sub"));
    }

    [Fact]
    public async Task The_profile_takes_only_living_tokens_that_were_exchanged_for_it()
    {
        var flow = stack.Flow();
        var subject = await flow.TokensAsync();
        var exchanged = (await ExchangeAsync(subject.AccessToken)).AccessToken;
        await RefusedAsync(null, null);
        await RefusedAsync("garbage", "invalid_token");
        await RefusedAsync(subject.AccessToken, "invalid_token");
        await RefusedAsync(subject.RefreshToken, "invalid_token");
        var query = await stack.Server.Client.GetAsync($"/account/api/profile?access_token={exchanged}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, query.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await ProfileAsync(exchanged)).Status);

        await flow.PostAsync("/connect/revoke", new() { ["token"] = subject.RefreshToken });
        await RefusedAsync(exchanged, "invalid_token");
    }

    [Fact]
    public async Task The_profile_is_closed_when_the_exchanged_token_has_expired()
    {
        var exchanged = (await ExchangeAsync((await stack.Flow().TokensAsync()).AccessToken)).AccessToken;
        stack.Server.Time.Advance(TimeSpan.FromMinutes(6));
        await RefusedAsync(exchanged, "invalid_token");
    }

    [Fact]
    public async Task Userinfo_and_the_resource_itself_do_not_take_it()
    {
        var exchanged = await ExchangeAsync((await stack.Flow().TokensAsync()).AccessToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", exchanged.AccessToken) } };
        var response = await stack.Server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains("insufficient_scope", response.Headers.WwwAuthenticate.ToString());
        Assert.DoesNotContain(RunningAuthServer.Resource, exchanged.Access.Audiences);
    }

    [Fact]
    public async Task An_exchanged_token_can_not_be_exchanged_again()
    {
        var exchanged = await ExchangeAsync((await stack.Flow().TokensAsync()).AccessToken);
        Assert.Equal("invalid_request", (await ExchangeAsync(exchanged.AccessToken)).Error);
    }

    [Fact]
    public async Task A_token_of_another_resource_or_without_a_person_is_refused()
    {
        var flow = stack.Flow();
        var request = flow.Request();
        request["resource"] = ServiceSurroundings.OtherResource;
        var other = await flow.TokensAsync(request);
        Assert.Equal("invalid_request", (await ExchangeAsync(other.AccessToken)).Error);
        var client = await stack.TokenAsync(ServiceSurroundings.Service, new() { ["grant_type"] = "client_credentials" });
        Assert.Equal("invalid_request", (await ExchangeAsync(client.AccessToken)).Error);
    }

    [Theory]
    [InlineData("revoked")]
    [InlineData("session")]
    [InlineData("disabled")]
    public async Task A_token_whose_grant_has_ended_is_refused(string act)
    {
        var flow = stack.Flow();
        var subject = await flow.TokensAsync(userName: "bob");
        using var scope = stack.Server.Scope();
        var acts = scope.ServiceProvider.GetRequiredService<EndingActs>();
        var cancel = TestContext.Current.CancellationToken;
        if (act == "revoked")
        {
            await flow.PostAsync("/connect/revoke", new() { ["token"] = subject.RefreshToken });
        }
        else
        {
            await acts.EndEverythingAsync(subject.Access.Subject, act == "session" ? EndReason.SignedOutEverywhere : EndReason.AccountDisabled, cancel);
        }

        Assert.Equal("invalid_request", (await ExchangeAsync(subject.AccessToken)).Error);
        await acts.EnableAsync(subject.Access.Subject, cancel);
    }

    [Theory]
    [InlineData("subject_token", null, "invalid_request")]
    [InlineData("subject_token", "garbage", "invalid_request")]
    [InlineData("subject_token_type", null, "invalid_request")]
    [InlineData("subject_token_type", "urn:ietf:params:oauth:token-type:id_token", "invalid_request")]
    [InlineData("subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token", "invalid_request")]
    [InlineData("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token", "invalid_request")]
    [InlineData("requested_token_type", "urn:ietf:params:oauth:token-type:id_token", "invalid_request")]
    [InlineData("actor_token", "garbage", "invalid_request")]
    [InlineData("actor_token_type", AccessToken, "invalid_request")]
    [InlineData("resource", RunningAuthServer.Resource, "invalid_target")]
    [InlineData("resource", "/account", "invalid_target")]
    [InlineData("resource", "ACCOUNT#part", "invalid_target")]
    [InlineData("audience", "anything", "invalid_target")]
    [InlineData("scope", "mcp:tools", "invalid_scope")]
    [InlineData("scope", "profile:read notes:read", "invalid_scope")]
    public async Task What_is_not_asked_for_rightly_is_refused(string parameter, string? value, string error)
    {
        var answer = await ExchangeAsync((await stack.Flow().TokensAsync()).AccessToken, (parameter, value?.Replace("ACCOUNT", Account, StringComparison.Ordinal)));
        Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Status, answer.Error));
        Assert.False(string.IsNullOrEmpty(answer.Text("error_description")));
    }

    [Fact]
    public async Task An_actor_token_or_a_token_of_another_kind_in_place_of_the_access_token_is_refused()
    {
        var subject = await stack.Flow().TokensAsync();
        Assert.Equal("invalid_request", (await ExchangeAsync(subject.AccessToken, ("actor_token", subject.AccessToken), ("actor_token_type", AccessToken))).Error);
        Assert.Equal("invalid_request", (await ExchangeAsync(subject.RefreshToken)).Error);
        Assert.Equal("invalid_request", (await ExchangeAsync(subject.Text("id_token")!)).Error);
    }

    [Fact]
    public async Task Only_the_client_of_the_resource_that_proves_itself_by_a_key_may_exchange()
    {
        var subject = await stack.Flow().TokensAsync();
        Assert.Equal("unauthorized_client", (await stack.TokenAsync(ServiceSurroundings.Service, Fields(subject.AccessToken))).Error);
        Assert.Equal("unauthorized_client", (await stack.TokenAsync("secret-exchanger", Fields(subject.AccessToken))).Error);
        Assert.Equal("unauthorized_client", (await stack.TokenAsync(ServiceSurroundings.OtherResourceServer, Fields(subject.AccessToken))).Error);
        Assert.Equal("unauthorized_client", (await stack.Flow().TokenAsync(Fields(subject.AccessToken))).Error);
    }

    [Fact]
    public async Task No_token_assertion_or_secret_of_a_client_reaches_the_logs_at_any_level()
    {
        var subject = await stack.Flow().TokensAsync();
        var exchanged = await ExchangeAsync(subject.AccessToken);
        await ProfileAsync(exchanged.AccessToken);
        await stack.PostAsync("/connect/introspect", ServiceSurroundings.ResourceServer, new() { ["token"] = subject.AccessToken });
        var own = await stack.TokenAsync(ServiceSurroundings.Service, new() { ["grant_type"] = "client_credentials" });
        var assertion = TestClient.Assertion(ServiceSurroundings.ResourceServer, stack.Key, stack.Server.Issuer, stack.Server.Time.GetUtcNow());
        var refused = Fields(subject.RefreshToken);
        refused["client_id"] = ServiceSurroundings.ResourceServer;
        refused["client_assertion"] = assertion;
        Assert.Equal("invalid_request", (await stack.Flow().TokenAsync(refused)).Error);
        foreach (var secret in new[] { subject.AccessToken, subject.RefreshToken, exchanged.AccessToken, own.AccessToken, assertion, ServiceSurroundings.Secret })
        {
            Assert.DoesNotContain(stack.Server.Logs.Lines, line => line.Contains(secret, StringComparison.Ordinal) || line.Contains(secret.Split('.')[^1], StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Nobody_asks_a_person_for_the_scope_of_an_exchange()
    {
        var flow = stack.Flow();
        var page = await flow.AuthorizeAsync(flow.Request("mcp:tools profile:read"));
        Assert.Contains("profile:read", page.Text);
        Assert.Null(page.Html.QuerySelector("form"));
        var metadata = await stack.Server.Client.GetStringAsync("/.well-known/oauth-authorization-server", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("profile:read", metadata);
    }

    private static Dictionary<string, string?> Fields(string token) => new()
    {
        ["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange",
        ["subject_token"] = token,
        ["subject_token_type"] = AccessToken,
    };

    private Task<Answer> ExchangeAsync(string token, params (string Name, string? Value)[] changes)
    {
        var fields = Fields(token);
        fields["resource"] = Account;
        fields["scope"] = "profile:read";
        foreach (var (name, value) in changes)
        {
            fields[name] = value;
        }

        return stack.TokenAsync(ServiceSurroundings.ResourceServer, fields);
    }

    private async Task RefusedAsync(string? token, string? error)
    {
        var answer = await ProfileAsync(token);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Null(answer.Text("sub"));
        var challenge = answer.Response.Headers.WwwAuthenticate.ToString();
        Assert.StartsWith("Bearer", challenge);
        Assert.Equal(error is not null, challenge.Contains($"error=\"{error}\"", StringComparison.Ordinal));
    }

    private async Task<Answer> ProfileAsync(string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/account/api/profile");
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await Answer.OfAsync(await stack.Server.Client.SendAsync(request, TestContext.Current.CancellationToken));
    }
}
