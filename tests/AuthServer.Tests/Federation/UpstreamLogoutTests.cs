using System.Net;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Federation;

public sealed class UpstreamLogoutTests
{
    [Theory]
    [InlineData("upstream-alice", "upstream-session", true)]
    [InlineData(null, "upstream-session", true)]
    [InlineData("upstream-alice", null, true)]
    [InlineData("upstream-alice", "another-session", false)]
    [InlineData("upstream-bob", null, false)]
    [InlineData("upstream-bob", "upstream-session", false)]
    public async Task A_logout_of_the_provider_ends_the_sessions_that_it_names(string? sub, string? sid, bool ends)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        var bound = await flow.TokensAsync();
        var alone = await flow.TokensAsync(flow.Request(Flow.AllScopes + " offline_access"));
        var answer = await PostAsync(stack, stack.Provider.Sign(stack.Provider.LogoutClaims(sub, sid), "logout+jwt"));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.True(answer.Response.Headers.CacheControl?.NoStore);
        Assert.Equal(ends ? "invalid_grant" : null, (await flow.TokenAsync(Flow.RefreshRequest(bound.RefreshToken))).Error);
        Assert.Equal(!ends, (await flow.Browser.GoAsync("/sign-out")).Text.Contains("Sign out?"));
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(alone.RefreshToken))).Status);
    }

    [Theory]
    [InlineData("issuer")]
    [InlineData("audience")]
    [InlineData("expired")]
    [InlineData("no exp")]
    [InlineData("no iat")]
    [InlineData("future iat")]
    [InlineData("no jti")]
    [InlineData("nonce")]
    [InlineData("no events")]
    [InlineData("other event")]
    [InlineData("nobody")]
    [InlineData("sid is a number")]
    [InlineData("type")]
    [InlineData("forged key")]
    [InlineData("replay")]
    [InlineData("nonsense")]
    [InlineData("nothing")]
    public async Task A_logout_token_that_is_not_right_ends_nothing(string fault)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var claims = stack.Provider.LogoutClaims("upstream-alice", "upstream-session");
        var now = stack.Server.Time.GetUtcNow();
        switch (fault)
        {
            case "issuer": claims["iss"] = stack.Provider.Issuer + "/"; break;
            case "audience": claims["aud"] = "another-client"; break;
            case "expired": claims["exp"] = now.AddSeconds(-31).ToUnixTimeSeconds(); break;
            case "no exp": claims.Remove("exp"); break;
            case "no iat": claims.Remove("iat"); break;
            case "future iat": claims["iat"] = now.AddSeconds(60).ToUnixTimeSeconds(); break;
            case "no jti": claims.Remove("jti"); break;
            case "nonce": claims["nonce"] = "a-nonce"; break;
            case "no events": claims.Remove("events"); break;
            case "other event": claims["events"] = new Dictionary<string, object> { ["http://example.com/event"] = new Dictionary<string, object>() }; break;
            case "sid is a number": claims["sid"] = 7; break;
            case "nobody": claims.Remove("sub"); claims.Remove("sid"); break;
            case "forged key": stack.Provider.ForgedKey = LyingProvider.NewKey(stack.Provider.Key.KeyId); break;
        }

        var token = fault switch
        {
            "nonsense" => "not-a-token",
            "nothing" => "",
            _ => stack.Provider.Sign(claims, fault == "type" ? "at+jwt" : "logout+jwt"),
        };
        stack.Provider.ForgedKey = null;
        if (fault == "replay")
        {
            await PostAsync(stack, token);
            stack.Provider.Sid = "a-newer-session";
        }

        var flow = stack.Flow();
        var bound = await flow.TokensAsync();
        var answer = await PostAsync(stack, token);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.Status, answer.Error));
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(bound.RefreshToken))).Status);
    }

    [Theory]
    [InlineData("upstream-alice", null)]
    [InlineData("upstream-alice", "upstream-session")]
    [InlineData(null, "upstream-session")]
    public async Task While_Redis_is_away_a_logout_of_the_provider_ends_what_it_names(string? sub, string? sid)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        await stack.Flow().TokensAsync();
        var token = stack.Provider.Sign(stack.Provider.LogoutClaims(sub, sid), "logout+jwt");
        stack.Redis.Stop();
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(stack, token)).Status);
        Assert.Equal(0, await LivingAsync(stack));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(stack, token)).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await stack.Flow().AuthorizeAsync()).Status);
    }

    [Theory]
    [InlineData("upstream-alice", null)]
    [InlineData("upstream-alice", "upstream-session")]
    [InlineData(null, "upstream-session")]
    public async Task While_Redis_is_away_a_replay_does_not_end_what_began_after_the_logout(string? sub, string? sid)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var token = stack.Provider.Sign(stack.Provider.LogoutClaims(sub, sid), "logout+jwt");
        await PostAsync(stack, token);
        stack.Server.Time.Advance(TimeSpan.FromSeconds(31));
        stack.Provider.Sid = "a-newer-session";
        await stack.Flow().TokensAsync();
        stack.Redis.Stop();
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(stack, token)).Status);
        Assert.Equal(1, await LivingAsync(stack));
    }

    [Fact]
    public async Task A_logout_that_could_not_be_written_down_can_be_sent_again()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        await stack.Flow().TokensAsync();
        var token = stack.Provider.Sign(stack.Provider.LogoutClaims("upstream-alice", "upstream-session"), "logout+jwt");
        await DatabaseAsync(stack, database => TestDatabase.RefuseAsync(database, "UPDATE ON \"Sessions\""));
        var answer = await PostAsync(stack, token);
        MustBeSentAgain(answer);
        await DatabaseAsync(stack, TestDatabase.RefuseNoMoreAsync);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(stack, token)).Status);
        Assert.Equal(0, await LivingAsync(stack));
    }

    [Fact]
    public async Task A_logout_while_PostgreSQL_is_away_can_be_sent_again()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var postgres = await PostgresServer.StartNewAsync();
        await using var stack = await SignInAtLiar.StartAsync(settings: ("ConnectionStrings:accounts", await postgres.MakeDatabaseAsync()));
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        var token = stack.Provider.Sign(stack.Provider.LogoutClaims("upstream-alice", "upstream-session"), "logout+jwt");
        await postgres.StopAsync();
        MustBeSentAgain(await PostAsync(stack, token));
        await postgres.StartAsync();
        await Eventually.BeTrueAsync(
            async () => (await PostAsync(stack, token)).Status == HttpStatusCode.OK, "it is taken", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
    }

    [Theory]
    [InlineData("upstream-alice", "upstream-session", true)]
    [InlineData(null, "upstream-session", true)]
    [InlineData(null, "another-session", false)]
    public async Task A_logout_while_the_code_is_redeemed_refuses_the_session_that_would_begin(string? sub, string? sid, bool refuses)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var status = default(HttpStatusCode);
        stack.Provider.AtToken = async _ =>
        {
            // Later than the browser was sent there, the second time too.
            stack.Server.Time.Advance(TimeSpan.FromMilliseconds(1));
            status = (await PostAsync(stack, stack.Provider.Sign(stack.Provider.LogoutClaims(sub, sid), "logout+jwt"))).Status;
            return false;
        };
        var flow = stack.Flow();
        var page = await flow.AuthorizeAsync();
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(refuses, page.Text.Contains("You were signed out meanwhile"));
        Assert.Equal(refuses ? 0 : 1, await LivingAsync(stack));
        Assert.Equal(!refuses, page.Html.QuerySelector("[data-testid=allow]") is not null);

        stack.Provider.AtToken = null;
        stack.Provider.Sid = "a-newer-session";
        page = refuses ? await flow.Browser.GoAsync(page.Html.QuerySelector("[data-testid=way]")!.GetAttribute("href")!) : page;
        Assert.NotNull(page.Html.QuerySelector("[data-testid=allow]"));
    }

    private static void MustBeSentAgain(Answer answer)
    {
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (answer.Status, answer.Error));
        Assert.Equal(TimeSpan.FromSeconds(5), answer.Response.Headers.RetryAfter?.Delta);
        Assert.True(answer.Response.Headers.CacheControl?.NoStore);
    }

    private static Task<int> LivingAsync(SignInAtLiar stack) =>
        DatabaseAsync(stack, database => database.Sessions.CountAsync(session => session.EndedAt == null, TestContext.Current.CancellationToken));

    private static async Task<T> DatabaseAsync<T>(SignInAtLiar stack, Func<AuthDbContext, Task<T>> use)
    {
        using var scope = stack.Server.Scope();
        return await use(scope.ServiceProvider.GetRequiredService<AuthDbContext>());
    }

    private static async Task<Answer> PostAsync(SignInAtLiar stack, string token) => await Answer.OfAsync(await stack.Server.Client.PostAsync(
        "/sign-in/liar/backchannel-logout", new FormUrlEncodedContent([new("logout_token", token)]), TestContext.Current.CancellationToken));
}
