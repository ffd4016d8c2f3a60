using System.Net;
using System.Net.Http.Headers;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

public sealed class TokenTests(Surroundings stack) : IClassFixture<Surroundings>
{
    [Fact]
    public async Task A_replayed_code_is_refused_and_ends_the_tokens_it_gave()
    {
        var flow = stack.Flow();
        var code = await flow.CodeAsync();
        var tokens = await flow.TokenAsync(flow.CodeRequest(code));
        Assert.Equal("invalid_grant", (await flow.TokenAsync(flow.CodeRequest(code))).Error);
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
        Assert.Contains(stack.Server.Logs.Lines, line => line.Contains("Replay of a code"));
    }

    [Fact]
    public async Task Parallel_uses_of_one_code_have_one_winner_and_end_what_it_got()
    {
        var flow = stack.Flow();
        for (var round = 0; round < 3; round++)
        {
            var request = flow.Request();
            request["prompt"] = "consent";
            var code = await flow.CodeAsync(request);
            var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => flow.TokenAsync(flow.CodeRequest(code))));
            var winner = Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
            Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(winner.RefreshToken))).Error);
        }
    }

    [Fact]
    public async Task Where_the_new_tokens_can_not_be_kept_nothing_is_redeemed()
    {
        var flow = stack.Flow();
        var code = flow.CodeRequest(await flow.CodeAsync());
        using var scope = stack.Server.Scope();
        var database = (Storage.AuthDbContext)scope.ServiceProvider.GetService(typeof(Storage.AuthDbContext))!;
        var grants = database.Grants.Count();
        await TestDatabase.RefuseAsync(database, "INSERT ON \"OpenIddictTokens\"");
        Assert.Equal(HttpStatusCode.InternalServerError, (await flow.TokenAsync(code)).Status);
        Assert.Equal(grants, database.Grants.Count());

        await TestDatabase.RefuseNoMoreAsync(database);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(code)).Status);
        Assert.Equal(grants + 1, database.Grants.Count());
    }

    [Fact]
    public async Task A_code_lives_60_seconds()
    {
        var flow = stack.Flow();
        var code = await flow.CodeAsync();
        stack.Server.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("invalid_grant", (await flow.TokenAsync(flow.CodeRequest(code))).Error);
    }

    [Theory]
    [InlineData("code_verifier", "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong", "invalid_grant")]
    [InlineData("code_verifier", null, "invalid_request")]
    [InlineData("redirect_uri", "http://localhost:1/other", "invalid_grant")]
    [InlineData("redirect_uri", null, "invalid_request")]
    [InlineData("resource", "http://localhost:5200/other", "invalid_target")]
    [InlineData("code", "nonsense", "invalid_grant")]
    public async Task A_code_is_redeemed_only_as_it_was_given(string parameter, string? value, string error)
    {
        var flow = stack.Flow();
        var request = flow.CodeRequest(await flow.CodeAsync());
        request[parameter] = value;
        var answer = await flow.TokenAsync(request);
        Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task A_refresh_keeps_the_grant_and_may_narrow_but_not_widen()
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync(flow.Request("mcp:tools notes:write openid"));
        var wider = Flow.RefreshRequest(tokens.RefreshToken);
        wider["scope"] = "mcp:tools email";
        Assert.Equal("invalid_scope", (await flow.TokenAsync(wider)).Error);

        var elsewhere = Flow.RefreshRequest(tokens.RefreshToken);
        elsewhere["resource"] = "http://localhost:5200/other";
        Assert.Equal("invalid_target", (await flow.TokenAsync(elsewhere)).Error);

        var narrower = Flow.RefreshRequest(tokens.RefreshToken);
        narrower["scope"] = "notes:write";
        var narrowed = await flow.TokenAsync(narrower);
        Assert.Equal("notes:read notes:write", narrowed.Access.GetClaim("scope").Value);
        Assert.Equal(tokens.Access.GetClaim("grant_id").Value, narrowed.Access.GetClaim("grant_id").Value);

        var whole = await flow.TokenAsync(Flow.RefreshRequest(narrowed.RefreshToken));
        Assert.Equal("mcp:tools notes:read notes:write openid", whole.Access.GetClaim("scope").Value);
    }

    [Fact]
    public async Task A_narrowed_refresh_carries_only_the_claims_of_its_scopes()
    {
        var flow = stack.Flow();
        var narrower = Flow.RefreshRequest((await flow.TokensAsync()).RefreshToken);
        narrower["scope"] = "mcp:tools openid";
        var narrowed = await flow.TokenAsync(narrower);
        foreach (var token in new[] { narrowed.Access, narrowed.Identity })
        {
            Assert.DoesNotContain(token.Claims, claim => claim.Type is "name" or "roles" or "email" or "preferred_username");
        }

        var whole = await flow.TokenAsync(Flow.RefreshRequest(narrowed.RefreshToken));
        Assert.Contains(whole.Access.Claims, claim => claim.Type == "name");
    }

    [Fact]
    public async Task A_refresh_token_unused_for_30_days_is_over()
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync(flow.Request("mcp:tools offline_access"));
        stack.Server.Time.Advance(TimeSpan.FromDays(29));
        tokens = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, tokens.Status);
        stack.Server.Time.Advance(TimeSpan.FromDays(31));
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
    }

    [Fact]
    public async Task Refresh_tokens_reach_90_days_at_most()
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync(flow.Request("mcp:tools offline_access"));
        for (var day = 0; day < 80; day += 20)
        {
            stack.Server.Time.Advance(TimeSpan.FromDays(20));
            tokens = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
            Assert.Equal(HttpStatusCode.OK, tokens.Status);
        }

        stack.Server.Time.Advance(TimeSpan.FromDays(11));
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
    }

    [Theory]
    [InlineData("refresh_token")]
    [InlineData("access_token")]
    public async Task Revoking_any_token_ends_the_grant(string which)
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        var answer = await flow.PostAsync("/connect/revoke", new() { ["token"] = tokens.Text(which) });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
        Assert.Equal(HttpStatusCode.Unauthorized, (await UserInfoAsync(tokens.AccessToken)).Status);
        Assert.Equal(HttpStatusCode.OK, (await flow.PostAsync("/connect/revoke", new() { ["token"] = "nonsense" })).Status);
    }

    [Fact]
    public async Task Another_client_can_not_revoke_or_refresh()
    {
        await using var other = await TestClient.StartAsync();
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        var thief = new Flow(stack.Server, other);
        Assert.Equal("invalid_grant", (await thief.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
        await thief.PostAsync("/connect/revoke", new() { ["token"] = tokens.RefreshToken });
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
    }

    [Fact]
    public async Task Userinfo_gives_what_the_scopes_give()
    {
        var flow = stack.Flow();
        var all = await flow.TokensAsync();
        var answer = await UserInfoAsync(all.AccessToken);
        Assert.Equal((all.Access.Subject, "Alice Adams", "alice@example.com"), (answer.Text("sub"), answer.Text("name"), answer.Text("email")));
        Assert.Equal(stack.Server.Issuer, answer.Text("iss"));

        var little = await flow.TokensAsync(flow.Request("openid"));
        answer = await UserInfoAsync(little.AccessToken);
        Assert.Equal(little.Access.Subject, answer.Text("sub"));
        Assert.Null(answer.Text("name"));

        var none = await flow.TokensAsync(flow.Request("mcp:tools"));
        var refused = await UserInfoAsync(none.AccessToken);
        Assert.Equal((HttpStatusCode.Forbidden, "insufficient_scope"), (refused.Status, refused.Error));
    }

    [Fact]
    public async Task Userinfo_answers_401_to_what_is_no_token_or_has_expired()
    {
        var tokens = await stack.Flow().TokensAsync();
        stack.Server.Time.Advance(TimeSpan.FromMinutes(6));
        foreach (var token in new[] { "nonsense", tokens.RefreshToken, tokens.Text("id_token")!, tokens.AccessToken })
        {
            var answer = await UserInfoAsync(token);
            Assert.Equal((HttpStatusCode.Unauthorized, "invalid_token"), (answer.Status, answer.Error));
        }
    }

    [Fact]
    public async Task A_token_in_the_query_or_in_a_form_is_not_taken()
    {
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("access_token", tokens.AccessToken)]);
        foreach (var response in new[]
        {
            await stack.Server.Client.GetAsync($"/connect/userinfo?access_token={tokens.AccessToken}", TestContext.Current.CancellationToken),
            await stack.Server.Client.PostAsync("/connect/userinfo", form, TestContext.Current.CancellationToken),
        })
        {
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Contains("error=\"invalid_request\"", response.Headers.WwwAuthenticate.ToString());
            Assert.Null((await Answer.OfAsync(response)).Text("sub"));
        }

        using var header = new HttpRequestMessage(HttpMethod.Post, "/connect/userinfo")
        {
            Headers = { Authorization = new("Bearer", tokens.AccessToken) },
            Content = new FormUrlEncodedContent([KeyValuePair.Create("unknown", "of a form")]),
        };
        Assert.Equal(HttpStatusCode.OK, (await Answer.OfAsync(await stack.Server.Client.SendAsync(header, TestContext.Current.CancellationToken))).Status);
    }

    [Fact]
    public async Task A_client_with_a_configured_secret_gets_tokens_and_a_wrong_secret_does_not()
    {
        const string secret = "a configured secret of 32 characters or more";
        await using var server = await RunningAuthServer.StartAsync(
            stack.Redis.ConnectionString,
            settings: [("Clients:1:ClientId", "web"), ("Clients:1:Name", "Web"), ("Clients:1:Secret", secret), ("Clients:1:RedirectUris:0", "https://web.example/cb")]);
        var flow = new Flow(server, stack.Client);
        var request = flow.Request("mcp:tools");
        request["client_id"] = "web";
        request["redirect_uri"] = "https://web.example/cb";
        var redeem = flow.CodeRequest(await flow.CodeAsync(request));
        foreach (var (name, value) in new[] { ("client_id", "web"), ("redirect_uri", "https://web.example/cb"), ("client_assertion", null), ("client_assertion_type", null) })
        {
            redeem[name] = value;
        }

        redeem["client_secret"] = "wrong";
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), ((await flow.TokenAsync(redeem)).Status, (await flow.TokenAsync(redeem)).Error));
        redeem["client_secret"] = secret;
        Assert.Equal("web", (await flow.TokenAsync(redeem)).Access.GetClaim("client_id").Value);
    }

    [Fact]
    public async Task Pruning_removes_what_has_expired_and_keeps_what_lives()
    {
        await using var server = await RunningAuthServer.StartAsync(stack.Redis.ConnectionString);
        var flow = new Flow(server, stack.Client);
        var tokens = await flow.TokensAsync(flow.Request("mcp:tools offline_access"));
        await flow.AuthorizeAsync();
        server.Time.Advance(TimeSpan.FromHours(2));

        using var scope = server.Scope();
        var database = (Storage.AuthDbContext)scope.ServiceProvider.GetService(typeof(Storage.AuthDbContext))!;
        await Storage.Pruning.PruneAsync(database, server.Time.GetUtcNow(), TestContext.Current.CancellationToken);
        Assert.Single(database.Tokens);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);

        server.Time.Advance(TimeSpan.FromDays(91));
        await Storage.Pruning.PruneAsync(database, server.Time.GetUtcNow(), TestContext.Current.CancellationToken);
        Assert.Empty(database.Tokens);
        Assert.Empty(database.Grants);
        Assert.Empty(database.Sessions);
        Assert.NotEmpty(database.Accounts);
        Assert.NotEmpty(database.Consents);

        database.UpstreamEndings.Add(new() { Provider = "keycloak", Sid = "a session there", EndedAt = server.Time.GetUtcNow() });
        await database.SaveChangesAsync(TestContext.Current.CancellationToken);
        await Storage.Pruning.PruneAsync(database, server.Time.GetUtcNow(), TestContext.Current.CancellationToken);
        Assert.NotEmpty(database.UpstreamEndings);
        server.Time.Advance(TimeSpan.FromDays(366));
        await Storage.Pruning.PruneAsync(database, server.Time.GetUtcNow(), TestContext.Current.CancellationToken);
        Assert.Empty(database.UpstreamEndings);
        Assert.Empty(database.Consents);
        Assert.NotEmpty(database.Accounts);
    }

    [Fact]
    public async Task A_client_that_did_not_register_refresh_gets_no_refresh_token()
    {
        await using var client = await TestClient.StartAsync();
        client.Document["grant_types"] = new[] { "authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer" };
        Assert.Null((await new Flow(stack.Server, client).TokensAsync()).Text("refresh_token"));
    }

    [Fact]
    public async Task An_unknown_grant_type_and_a_body_that_is_too_large_are_refused()
    {
        var flow = stack.Flow();
        Assert.Equal("unsupported_grant_type", (await flow.TokenAsync(new() { ["grant_type"] = "password", ["username"] = "alice", ["password"] = "alice" })).Error);
        var huge = await stack.Server.Client.PostAsync(
            "/connect/token", new FormUrlEncodedContent([KeyValuePair.Create("code", new string('x', 70 * 1024))]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, huge.StatusCode);
        Assert.Equal("invalid_request", (await Answer.OfAsync(huge)).Error);
    }

    private async Task<Answer> UserInfoAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        var response = await stack.Server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var answer = await Answer.OfAsync(response);
        return answer.Error is null && response.Headers.WwwAuthenticate.ToString() is { Length: > 0 } challenge
            ? answer with { Json = System.Text.Json.JsonSerializer.SerializeToElement(new { error = challenge.Split("error=\"")[1].Split('"')[0] }) }
            : answer;
    }
}
