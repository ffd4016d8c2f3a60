using System.Net;
using McpAspire.AuthServer.Tests.Running;

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
        }

        var flow = stack.Flow();
        var bound = await flow.TokensAsync();
        var answer = await PostAsync(stack, token);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.Status, answer.Error));
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(bound.RefreshToken))).Status);
    }

    [Fact]
    public async Task While_Redis_is_away_the_provider_shall_send_it_again()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var token = stack.Provider.Sign(stack.Provider.LogoutClaims("upstream-alice", null), "logout+jwt");
        stack.Redis.Stop();
        var answer = await PostAsync(stack, token);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (answer.Status, answer.Error));
    }

    private static async Task<Answer> PostAsync(SignInAtLiar stack, string token) => await Answer.OfAsync(await stack.Server.Client.PostAsync(
        "/sign-in/liar/backchannel-logout", new FormUrlEncodedContent([new("logout_token", token)]), TestContext.Current.CancellationToken));
}
