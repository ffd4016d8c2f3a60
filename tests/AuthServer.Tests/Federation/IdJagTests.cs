using System.Net;
using AngleSharp.Html.Dom;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>Access that an identity provider grants (draft-ietf-oauth-identity-assertion-authz-grant).</summary>
public sealed class IdJagTests(IdJagTests.Surroundings surroundings) : IClassFixture<IdJagTests.Surroundings>
{
    private const string Type = "oauth-id-jag+jwt";
    private const string Client = "enterprise-app";
    private const string Secret = "the secret of the enterprise app, 32 characters";

    private readonly SignInAtLiar _stack = surroundings.Stack;

    private RunningAuthServer Server => _stack.Server;

    [Fact]
    public async Task A_client_gets_a_token_of_the_account_that_signed_in_at_the_provider_and_no_refresh_token()
    {
        var assertion = Sign();
        var answer = await RedeemAsync(assertion);
        Assert.Equal((HttpStatusCode.OK, null), (answer.Status, answer.Error));
        Assert.Equal("no-store", answer.Response.Headers.CacheControl?.ToString());
        Assert.Equal(("mcp:tools notes:read", RunningAuthServer.Resource), (answer.Text("scope"), answer.Text("resource")));
        Assert.Null(answer.Text("refresh_token"));
        Assert.Null(answer.Text("id_token"));
        var token = answer.Access;
        Assert.Equal((surroundings.Account, Client, "mcp:tools notes:read"), (token.Subject, token.GetClaim("client_id").Value, token.GetClaim("scope").Value));
        Assert.Equal([RunningAuthServer.Resource], token.Audiences);
        Assert.DoesNotContain(token.Claims, claim => claim.Type == "sid");
        Assert.Contains(Server.Logs.Lines, line => line.Contains("Tokens issued by urn:ietf:params:oauth:grant-type:jwt-bearer"));
        foreach (var secret in new[] { assertion, answer.AccessToken, Secret })
        {
            Assert.DoesNotContain(Server.Logs.Lines, line => line.Contains(secret, StringComparison.Ordinal) || line.Contains(secret.Split('.')[^1], StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Each_is_good_once_and_all_of_one_person_and_client_are_one_grant_that_stands_alone()
    {
        var assertion = Sign();
        var first = await RedeemAsync(assertion);
        Assert.Equal("invalid_grant", (await RedeemAsync(assertion)).Error);
        var second = await RedeemAsync(Sign());
        Assert.Equal(first.Access.GetClaim("grant_id").Value, second.Access.GetClaim("grant_id").Value);

        using var scope = Server.Scope();
        var grant = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Grants.AsNoTracking().SingleAsync(
            row => row.ClientId == Client && row.Resource == RunningAuthServer.Resource && row.EndedAt == null, TestContext.Current.CancellationToken);
        Assert.Equal((null, "liar", "upstream-alice", "mcp:tools notes:read"), (grant.SessionId, grant.Provider, grant.UpstreamSubject, grant.Scopes));
    }

    [Fact]
    public async Task The_person_sees_it_among_their_applications_and_can_remove_it()
    {
        var flow = _stack.Flow();
        await flow.TokensAsync();
        var token = (await RedeemAsync(Sign())).Access;
        var page = await flow.Browser.GoAsync("/account");
        Assert.Contains(Client, page.Text);
        var remove = page.Html.Forms.Single(form => form.Elements.OfType<IHtmlInputElement>().Any(input => input.Name == "client_id" && input.Value == Client));
        page = await flow.Browser.SubmitAsync(page, [], which: remove);
        Assert.DoesNotContain(Client, page.Text);

        await using var revocations = await RevocationsInRedis.ReadAsync(_stack.Redis);
        await Eventually.BeTrueAsync(
            async () => (await revocations.MembersAsync()).Contains($"grant:{token.GetClaim("grant_id").Value}"), "its grant is among the revocations",
            cancellationToken: TestContext.Current.CancellationToken);
        using var scope = Server.Scope();
        var grants = scope.ServiceProvider.GetRequiredService<AuthDbContext>().Grants;
        Assert.False(await grants.AnyAsync(row => row.ClientId == Client && row.AccountId == surroundings.Account && row.EndedAt == null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Two_processes_that_race_for_one_redeem_it_once()
    {
        await using var second = await _stack.StartSecondAsync();
        var assertion = Sign();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => RedeemAsync(assertion, http: number % 2 == 0 ? Server.Client : second.Client)));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => Assert.Equal("invalid_grant", answer.Error));
    }

    [Fact]
    public async Task An_ended_grant_stays_ended_and_the_next_assertion_begins_another()
    {
        var first = await RedeemAsync(Sign());
        using var scope = Server.Scope();
        await scope.ServiceProvider.GetRequiredService<EndingActs>().RemoveApplicationAsync(surroundings.Account, Client, TestContext.Current.CancellationToken);
        var second = await RedeemAsync(Sign());
        Assert.NotEqual(first.Access.GetClaim("grant_id").Value, second.Access.GetClaim("grant_id").Value);
    }

    [Fact]
    public async Task Its_grant_is_written_after_the_account_as_every_other_so_that_none_waits_in_a_circle()
    {
        await RedeemAsync(Sign());
        Server.Time.Advance(TimeSpan.FromSeconds(1));
        var before = Server.Logs.Lines.Count;
        await RedeemAsync(Sign());
        var written = string.Join('\n', Server.Logs.Lines.Skip(before).Where(line => line.Contains("UPDATE \"", StringComparison.Ordinal)));
        var account = written.IndexOf("UPDATE \"Accounts\"", StringComparison.Ordinal);
        var grant = written.IndexOf("UPDATE \"Grants\"", StringComparison.Ordinal);
        Assert.True(account >= 0 && account < grant, written);
    }

    [Fact]
    public async Task A_grant_without_refresh_does_not_keep_an_offline_token_in_use()
    {
        const string offline = Flow.AllScopes + " offline_access";
        var flow = _stack.Flow();
        var alone = await flow.TokensAsync(flow.Request(offline));
        await flow.PostAsync("/connect/revoke", new() { ["token"] = alone.RefreshToken });
        Assert.Equal(HttpStatusCode.OK, (await RedeemAsync(Sign())).Status);
        var asked = _stack.Provider.AuthorizeRequests.Count;
        await flow.TokensAsync(flow.Request(offline));
        Assert.Contains("offline_access", Assert.Single(_stack.Provider.AuthorizeRequests.Skip(asked))["scope"]);
    }

    [Theory]
    [InlineData("aud", "https://elsewhere.example")]
    [InlineData("aud", "+https://elsewhere.example")]
    [InlineData("aud", "/")]
    [InlineData("aud", "/connect/token")]
    [InlineData("aud", null)]
    [InlineData("iss", "https://elsewhere.example")]
    [InlineData("iss", null)]
    [InlineData("client_id", "another-app")]
    [InlineData("client_id", null)]
    [InlineData("sub", "upstream-stranger")]
    [InlineData("sub", null)]
    [InlineData("jti", null)]
    [InlineData("jti", "")]
    [InlineData("iat", null)]
    [InlineData("iat", "+120")]
    [InlineData("exp", null)]
    [InlineData("exp", "-60")]
    [InlineData("exp", "+7200")]
    [InlineData("cnf", "anything")]
    [InlineData("authorization_details", "anything")]
    [InlineData("scope", "[]")]
    [InlineData("tenant", "anything")]
    [InlineData("aud_tenant", "anything")]
    public async Task One_that_does_not_say_what_it_must_is_refused_and_not_used_up(string claim, string? value)
    {
        var claims = Claims();
        var good = Claims();
        good["jti"] = claims["jti"];
        claims.Remove(claim);
        if (value is not null)
        {
            claims[claim] = (claim, value[..Math.Min(1, value.Length)]) switch
            {
                ("aud", "/") => Server.Issuer + value,
                ("aud", "+") => new[] { Server.Issuer, value[1..] },
                ("scope", "[") => new[] { "mcp:tools" },
                ("iat" or "exp", _) => Server.Time.GetUtcNow().ToUnixTimeSeconds() + long.Parse(value),
                _ => value,
            };
        }

        var answer = await RedeemAsync(_stack.Provider.Sign(claims, Type));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (answer.Status, answer.Error));
        Assert.False(string.IsNullOrEmpty(answer.Text("error_description")));
        Assert.Equal(HttpStatusCode.OK, (await RedeemAsync(_stack.Provider.Sign(good, Type))).Status);
    }

    [Fact]
    public async Task An_audience_that_is_a_list_of_our_issuer_alone_is_taken()
    {
        var claims = Claims();
        claims["aud"] = new[] { Server.Issuer };
        Assert.Equal(HttpStatusCode.OK, (await RedeemAsync(_stack.Provider.Sign(claims, Type))).Status);
    }

    [Theory]
    [InlineData("JWT")]
    [InlineData("at+jwt")]
    [InlineData("logout+jwt")]
    public async Task A_token_of_another_type_is_refused(string type) =>
        Assert.Equal("invalid_grant", (await RedeemAsync(_stack.Provider.Sign(Claims(), type))).Error);

    [Fact]
    public async Task One_that_the_provider_did_not_sign_or_that_is_no_token_is_refused()
    {
        _stack.Provider.ForgedKey = LyingProvider.NewKey("one");
        Assert.Equal("invalid_grant", (await RedeemAsync(Sign())).Error);
        _stack.Provider.ForgedKey = null;
        var parts = Sign().Split('.');
        var unsigned = Base64UrlEncoder.Encode("""{"alg":"none","typ":"oauth-id-jag+jwt"}""");
        Assert.Equal("invalid_grant", (await RedeemAsync($"{unsigned}.{parts[1]}.")).Error);
        var shared = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Claims = Claims(),
            TokenType = Type,
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(new byte[32]), SecurityAlgorithms.HmacSha256),
        });
        Assert.Equal("invalid_grant", (await RedeemAsync(shared)).Error);
        Assert.Equal("invalid_grant", (await RedeemAsync("a.b.c")).Error);
        var encrypted = Base64UrlEncoder.Encode("""{"alg":"dir","enc":"A256GCM","typ":"oauth-id-jag+jwt"}""");
        Assert.Equal("invalid_grant", (await RedeemAsync($"{encrypted}.a.b.c.d")).Error);
        Assert.Equal("invalid_grant", (await RedeemAsync("nonsense")).Error);
        Assert.Equal("invalid_request", (await RedeemAsync(null)).Error);
    }

    [Theory]
    [InlineData("http://localhost:5200/unknown", null, "invalid_target")]
    [InlineData("", null, "invalid_target")]
    [InlineData(null, null, null)]
    [InlineData(null, "http://localhost:5201/other", null)]
    [InlineData(null, "http://localhost:5202/third", "invalid_target")]
    [InlineData(null, "http://localhost:5200/unknown", "invalid_target")]
    [InlineData("http://localhost:5200/mcp", "http://localhost:5201/other", "invalid_target")]
    [InlineData("http://localhost:5200/mcp http://localhost:5201/other", null, "invalid_target")]
    [InlineData("http://localhost:5200/mcp http://localhost:5201/other", "http://localhost:5201/other", null)]
    [InlineData("http://localhost:5200/mcp https://elsewhere.example", null, null)]
    public async Task It_is_for_one_resource_of_ours_that_the_request_may_choose_and_where_neither_names_one_for_the_default(string? granted, string? asked, string? error)
    {
        var claims = Claims();
        claims.Remove("resource");
        if (granted is not null)
        {
            claims["resource"] = granted.Contains(' ') ? granted.Split(' ') : granted;
        }

        var answer = await RedeemAsync(_stack.Provider.Sign(claims, Type), ("resource", asked));
        Assert.Equal(error, answer.Error);
        if (error is null)
        {
            Assert.Equal([asked ?? RunningAuthServer.Resource], answer.Access.Audiences);
        }
    }

    [Fact]
    public async Task A_resource_that_the_client_may_not_have_is_refused()
    {
        var claims = Claims();
        claims["resource"] = "http://localhost:5202/third";
        Assert.Equal("invalid_target", (await RedeemAsync(_stack.Provider.Sign(claims, Type))).Error);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task A_request_without_an_assertion_says_that_it_is_missing(string? assertion)
    {
        var answer = await RedeemAsync(assertion);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.Status, answer.Error));
        Assert.Contains("'assertion'", answer.Text("error_description"));
    }

    [Fact]
    public async Task One_that_names_no_resource_is_refused_where_the_client_may_not_have_the_default()
    {
        var claims = Claims();
        claims["client_id"] = "other-only";
        claims.Remove("resource");
        var answer = await RedeemAsync(_stack.Provider.Sign(claims, Type), ("client_id", "other-only"));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_target"), (answer.Status, answer.Error));
    }

    [Theory]
    [InlineData("mcp:tools notes:write", null, "mcp:tools notes:read")]
    [InlineData("mcp:tools notes:read openid offline_access profile:read unknown", null, "mcp:tools notes:read")]
    [InlineData("mcp:tools notes:read", "notes:read", "notes:read")]
    [InlineData("mcp:tools", "mcp:tools notes:read", "mcp:tools")]
    [InlineData(null, null, "mcp:tools")]
    [InlineData(null, "notes:read", "notes:read")]
    [InlineData("email", null, null)]
    [InlineData("mcp:tools", "notes:read", null)]
    [InlineData("openid", null, null)]
    public async Task It_gives_no_more_than_the_provider_granted_the_request_asked_and_the_client_registered(string? granted, string? asked, string? given)
    {
        var claims = Claims();
        claims.Remove("scope");
        if (granted is not null)
        {
            claims["scope"] = granted;
        }

        var answer = await RedeemAsync(_stack.Provider.Sign(claims, Type), ("scope", asked));
        Assert.Equal((given is null ? "invalid_scope" : null, given), (answer.Error, answer.Text("scope")));
    }

    [Theory]
    [InlineData("mcp:tools notes:read", "mcp:tools")]
    [InlineData("notes:read", null)]
    public async Task It_gives_no_scope_that_the_resource_does_not_have(string granted, string? given)
    {
        var claims = Claims();
        (claims["resource"], claims["scope"]) = ("http://localhost:5201/other", granted);
        var answer = await RedeemAsync(_stack.Provider.Sign(claims, Type));
        Assert.Equal((given is null ? "invalid_scope" : null, given), (answer.Error, answer.Text("scope")));
    }

    [Fact]
    public async Task Nobody_gets_an_account_by_it_and_a_disabled_one_gets_nothing()
    {
        using var scope = Server.Scope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var accounts = await database.Accounts.CountAsync(TestContext.Current.CancellationToken);
        var claims = Claims();
        claims["sub"] = "somebody-new";
        claims["email"] = "alice@upstream.example";
        Assert.Equal("invalid_grant", (await RedeemAsync(_stack.Provider.Sign(claims, Type))).Error);
        Assert.Equal(accounts, await database.Accounts.CountAsync(TestContext.Current.CancellationToken));

        await scope.ServiceProvider.GetRequiredService<EndingActs>().EndEverythingAsync(surroundings.Account, EndReason.AccountDisabled, TestContext.Current.CancellationToken);
        Assert.Equal("invalid_grant", (await RedeemAsync(Sign())).Error);
        await scope.ServiceProvider.GetRequiredService<EndingActs>().EnableAsync(surroundings.Account, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Only_a_client_that_proves_itself_and_registered_the_grant_gets_a_token()
    {
        var wrong = await RedeemAsync(Sign(), ("client_secret", "wrong"));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (wrong.Status, wrong.Error));
        var claims = Claims();
        claims["client_id"] = "no-grant";
        Assert.Equal("unauthorized_client", (await RedeemAsync(_stack.Provider.Sign(claims, Type), ("client_id", "no-grant"))).Error);
        claims["client_id"] = _stack.Client.Id;
        Assert.Equal("unauthorized_client", (await _stack.Flow().TokenAsync(Fields(_stack.Provider.Sign(claims, Type)))).Error);
    }

    [Fact]
    public async Task While_the_providers_keys_can_not_be_had_the_client_is_asked_to_come_again()
    {
        await _stack.Provider.StopAsync();
        await using var second = await _stack.StartSecondAsync();
        var assertion = Sign();
        var answer = await RedeemAsync(assertion, http: second.Client);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (answer.Status, answer.Error));
        Assert.NotNull(answer.Response.Headers.RetryAfter);
        await _stack.Provider.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await RedeemAsync(assertion)).Status);
    }

    [Fact]
    public async Task A_provider_that_is_not_configured_so_grants_nothing()
    {
        await using var stack = await SignInAtLiar.StartAsync("", [.. Settings(enterpriseManaged: false)]);
        await stack.Flow().TokensAsync();
        var claims = Claims();
        claims["iss"] = stack.Provider.Issuer;
        claims["aud"] = stack.Server.Issuer;
        var flow = stack.Flow();
        var fields = Fields(stack.Provider.Sign(claims, Type));
        fields["client_id"] = Client;
        fields["client_secret"] = Secret;
        fields["client_assertion"] = fields["client_assertion_type"] = null;
        Assert.Equal("invalid_grant", (await flow.TokenAsync(fields)).Error);
    }

    private static IEnumerable<(string, string)> Settings(bool enterpriseManaged)
    {
        foreach (var (number, id, grant) in new[] { (1, Client, "urn:ietf:params:oauth:grant-type:jwt-bearer"), (2, "no-grant", "client_credentials"), (3, "other-only", "urn:ietf:params:oauth:grant-type:jwt-bearer") })
        {
            yield return ($"Clients:{number}:ClientId", id);
            yield return ($"Clients:{number}:Secret", Secret);
            yield return ($"Clients:{number}:Scope", "mcp:tools notes:read openid offline_access");
            yield return ($"Clients:{number}:RedirectUris:0", "https://app.example/callback");
            yield return ($"Clients:{number}:GrantTypes:0", "authorization_code");
            yield return ($"Clients:{number}:GrantTypes:1", grant);
            yield return ($"Clients:{number}:GrantTypes:2", "refresh_token");
            yield return ($"Clients:{number}:Resources:0", "http://localhost:5201/other");
            if (id != "other-only")
            {
                yield return ($"Clients:{number}:Resources:1", RunningAuthServer.Resource);
            }
        }

        yield return ("SignIn:Providers:liar:EnterpriseManaged", enterpriseManaged ? "true" : "false");
        yield return ("Resources:1:Name", "Other");
        yield return ("Resources:1:Uri", "http://localhost:5201/other");
        yield return ("Resources:1:Scope", "mcp:tools");
        yield return ("Resources:2:Name", "Third");
        yield return ("Resources:2:Uri", "http://localhost:5202/third");
    }

    private Dictionary<string, object> Claims() => new()
    {
        ["iss"] = _stack.Provider.Issuer,
        ["sub"] = "upstream-alice",
        ["aud"] = Server.Issuer,
        ["client_id"] = Client,
        ["jti"] = Guid.NewGuid().ToString(),
        ["iat"] = Server.Time.GetUtcNow().ToUnixTimeSeconds(),
        ["exp"] = Server.Time.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds(),
        ["resource"] = RunningAuthServer.Resource,
        ["scope"] = "mcp:tools notes:read",
    };

    private string Sign() => _stack.Provider.Sign(Claims(), Type);

    private static Dictionary<string, string?> Fields(string? assertion) => new()
    {
        ["grant_type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ["assertion"] = assertion,
    };

    private Task<Answer> RedeemAsync(string? assertion, params (string Name, string? Value)[] more) => RedeemAsync(assertion, null, more);

    private Task<Answer> RedeemAsync(string? assertion, HttpClient? http, params (string Name, string? Value)[] more)
    {
        var fields = Fields(assertion);
        fields["client_id"] = Client;
        fields["client_secret"] = Secret;
        fields["client_assertion"] = fields["client_assertion_type"] = null;
        foreach (var (name, value) in more)
        {
            fields[name] = value;
        }

        return _stack.Flow().TokenAsync(fields, http);
    }

    /// <summary>An AuthServer whose provider may grant access, and at which one person has signed in.</summary>
    public sealed class Surroundings : IAsyncLifetime
    {
        internal SignInAtLiar Stack { get; private set; } = null!;

        internal string Account { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            Stack = await SignInAtLiar.StartAsync("", [.. Settings(enterpriseManaged: true)]);
            Account = (await Stack.Flow().TokensAsync()).Access.Subject;
        }

        public ValueTask DisposeAsync() => Stack.DisposeAsync();
    }
}
