using System.Net;
using McpAspire.AuthServer.Keys;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.AuthServer.Tests.Databases;

/// <summary>Two AuthServer processes on one PostgreSQL behave as one.</summary>
public sealed class ReplicasOnPostgresTests(TwoReplicas replicas) : IClassFixture<TwoReplicas>
{
    [Fact]
    public async Task Started_at_once_on_an_empty_database_they_migrate_it_once_and_make_each_account_once_and_one_key_of_each_use()
    {
        TwoReplicas.SkipWhereMissing();
        await using var database = TestDatabase.Open(replicas.Database);
        var lines = replicas.Both.SelectMany(replica => replica.Output).ToArray();
        Assert.All(database.Database.GetMigrations(), migration =>
            Assert.Single(lines, line => line.Contains($"Applying migration '{migration}'", StringComparison.Ordinal)));
        Assert.Empty(await database.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken));
        Assert.Equal(3, await database.Accounts.CountAsync(TestContext.Current.CancellationToken));
        var first = await database.Keys.MinAsync(key => key.NotBefore, TestContext.Current.CancellationToken);
        // Another test may have rotated the keys meanwhile, which takes half a minute at least.
        var made = await database.Keys.Where(key => key.NotBefore < first + TimeSpan.FromSeconds(20)).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Enum.GetValues<KeyUse>(), made.Select(key => key.Use).Order());
        Assert.Equal(await KeysAsync(replicas.One), await KeysAsync(replicas.Other));
    }

    [Fact]
    public async Task A_code_of_one_is_redeemed_at_the_other_and_its_replay_at_the_first_ends_what_it_gave()
    {
        TwoReplicas.SkipWhereMissing();
        var flow = replicas.At(replicas.One);
        var request = flow.CodeRequest(await flow.CodeAsync());
        var tokens = await flow.TokenAsync(request, replicas.Other.Client);
        Assert.Equal(HttpStatusCode.OK, tokens.Status);
        Assert.Equal("invalid_grant", (await flow.TokenAsync(request)).Error);
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken), replicas.Other.Client)).Error);
    }

    [Fact]
    public async Task Of_many_requests_with_one_code_at_both_exactly_one_gets_tokens()
    {
        TwoReplicas.SkipWhereMissing();
        for (var round = 0; round < 3; round++)
        {
            var flow = replicas.At(replicas.One);
            var answers = await RaceAsync(flow, flow.CodeRequest(await flow.CodeAsync()));
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
            Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => Assert.Equal("invalid_grant", answer.Error));
        }
    }

    [Fact]
    public async Task Of_refreshes_with_one_token_at_both_the_database_lets_exactly_one_win()
    {
        TwoReplicas.SkipWhereMissing();
        var flow = replicas.At(replicas.One);
        // Nobody else of these tests is bob.
        var tokens = await flow.TokensAsync(userName: "bob");
        for (var round = 0; round < 20; round++)
        {
            var answers = await RaceAsync(flow, Flow.RefreshRequest(tokens.RefreshToken));
            // Whoever is answered gets the one answer that there is.
            tokens = Assert.Single(answers.Where(answer => answer.Status == HttpStatusCode.OK).DistinctBy(answer => answer.RefreshToken));
            Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => Assert.Equal("invalid_grant", answer.Error));
        }

        await using var database = TestDatabase.Open(replicas.Database);
        var ofBob = database.Tokens.Where(token => token.Subject == tokens.Access.Subject && token.Type!.EndsWith("refresh_token"));
        Assert.Equal(21, await ofBob.CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, await ofBob.CountAsync(token => token.Status == "valid", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_consent_given_at_one_is_asked_for_no_more_at_the_other()
    {
        TwoReplicas.SkipWhereMissing();
        await using var client = await TestClient.StartAsync();
        var here = new Flow(replicas.One, client);
        var question = await here.SignInAsync(await here.AuthorizeAsync());
        Assert.NotNull(question.Html.QuerySelector("[data-testid=allow]"));
        Assert.NotNull((await here.AllowAsync(question)).Query("code"));

        var there = here.At(replicas.Other);
        var answer = await there.AuthorizeAsync();
        Assert.True(answer.Query("code") is not null, answer.Text);
        Assert.Equal(HttpStatusCode.OK, (await there.TokenAsync(there.CodeRequest(answer.Query("code")!), replicas.One.Client)).Status);
    }

    [Fact]
    public async Task A_session_that_is_ended_at_one_is_over_at_the_other_with_its_grants()
    {
        TwoReplicas.SkipWhereMissing();
        var here = replicas.At(replicas.One);
        var tokens = await here.TokensAsync();
        var there = here.At(replicas.Other);
        Assert.Contains("Alice Adams", (await there.Browser.GoAsync("/")).Text, StringComparison.Ordinal);

        var page = await here.Browser.GoAsync("/account");
        var form = page.Html.Forms.Single(form => form.TextContent.Contains("Sign out here", StringComparison.Ordinal));
        await here.Browser.SubmitAsync(page, [], which: form);
        Assert.Equal("/sign-in", (await there.Browser.GoAsync("/account")).Url.AbsolutePath);
        Assert.Equal("invalid_grant", (await there.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
    }

    [Fact]
    public async Task A_grant_that_is_revoked_at_one_is_over_at_the_other_and_told_to_resource_servers()
    {
        TwoReplicas.SkipWhereMissing();
        await using var revocations = await RevocationsInRedis.ReadAsync(replicas.Redis);
        var flow = replicas.At(replicas.One);
        var tokens = await flow.TokensAsync();
        var entry = $"grant:{tokens.Access.GetClaim("grant_id").Value}";
        Assert.Equal(HttpStatusCode.OK, (await flow.PostAsync("/connect/revoke", new() { ["token"] = tokens.RefreshToken }, replicas.Other.Client)).Status);
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
        await Eventually.BeTrueAsync(
            async () => (await revocations.MembersAsync()).Contains(entry), "the entry of the grant", cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>Half a minute of real time, which an application notices nothing of.</summary>
    [Fact]
    public async Task Keys_that_are_rotated_by_command_sign_at_both_without_a_restart_and_nobody_is_refused_meanwhile()
    {
        TwoReplicas.SkipWhereMissing();
        var flow = replicas.At(replicas.One);
        var old = await flow.TokensAsync();
        var (exitCode, output) = await ServiceCommand.RunAsync(replicas.One, "keys", "rotate", "--now");
        Assert.True(exitCode == 0, output);

        var tokens = old;
        var signed = new Dictionary<ReplicaProcess, Answer>();
        await Eventually.BeTrueAsync(
            async () =>
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
                foreach (var replica in replicas.Both)
                {
                    tokens = signed[replica] = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken), replica.Client);
                    Assert.Equal((HttpStatusCode.OK, null), (tokens.Status, tokens.Error));
                }

                return signed.Values.All(answer => answer.Access.Kid != old.Access.Kid);
            },
            "both sign with a new key", KeyLife.ShortestAnnouncement + TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Single(signed.Values.DistinctBy(answer => (answer.Access.Kid, answer.Identity.Kid)));
        foreach (var replica in replicas.Both)
        {
            var published = new JsonWebKeySet(await KeysAsync(replica));
            foreach (var answer in signed.Values.Append(old))
            {
                Assert.True(await IsValidAsync(answer.Access, published));
                Assert.Equal(HttpStatusCode.OK, await UserInfoAsync(replica, answer.AccessToken));
            }
        }
    }

    private Task<Answer[]> RaceAsync(Flow flow, Dictionary<string, string?> request) =>
        Task.WhenAll(Enumerable.Range(0, 6).Select(number => flow.TokenAsync(request, replicas.Both[number % 2].Client)));

    private static Task<string> KeysAsync(ReplicaProcess replica) =>
        replica.Client.GetStringAsync("/.well-known/jwks", TestContext.Current.CancellationToken);

    private async Task<bool> IsValidAsync(JsonWebToken token, JsonWebKeySet published) => (await new JsonWebTokenHandler().ValidateTokenAsync(
        token.EncodedToken,
        new TokenValidationParameters
        {
            ValidIssuer = replicas.One.Issuer,
            ValidAudience = RunningAuthServer.Resource,
            IssuerSigningKeys = published.GetSigningKeys(),
            TryAllIssuerSigningKeys = false,
        })).IsValid;

    private static async Task<HttpStatusCode> UserInfoAsync(ReplicaProcess replica, string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo") { Headers = { Authorization = new("Bearer", accessToken) } };
        return (await replica.Client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode;
    }
}
