using System.Net;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>Who signs out and comes back before the provider has heard of it rides on a session there that is about to end.</summary>
public sealed class ComeBackTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_comes_back_before_the_provider_ended_its_session_is_asked_there_anew_and_stays_signed_in()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        await flow.TokensAsync();
        var asked = stack.Provider.AuthorizeRequests.Count;
        var signedOut = stack.Server.Time.GetUtcNow();
        await SignOutAsync(flow);
        stack.Server.Time.Advance(TimeSpan.FromSeconds(31));

        var tokens = await flow.TokensAsync();
        Assert.Equal([null, "login"], stack.Provider.AuthorizeRequests.Skip(asked).Select(request => request.GetValueOrDefault("prompt")));
        await Eventually.BeTrueAsync(() => Task.FromResult(!stack.Provider.Logouts.IsEmpty), "the provider heard of the sign-out", cancellationToken: Cancel);

        // The session there got its old name again, and the logout token of the old one is late.
        await LogoutAsync(stack, issued: signedOut);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
        await LogoutAsync(stack, issued: stack.Server.Time.GetUtcNow());
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
    }

    [Fact]
    public async Task The_provider_hears_of_the_sign_out_before_the_browser_is_sent_there_anew()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        await flow.TokensAsync();
        var asked = stack.Provider.AuthorizeRequests.Count;
        var wasAhead = true;
        stack.Provider.AtLogout = () =>
        {
            SpinWait.SpinUntil(() => stack.Provider.AuthorizeRequests.Count > asked, TimeSpan.FromSeconds(10));
            wasAhead = SpinWait.SpinUntil(() => stack.Provider.AuthorizeRequests.Count > asked + 1, TimeSpan.FromSeconds(0.5));
            return Results.NoContent();
        };
        await SignOutAsync(flow);
        await flow.TokensAsync();
        Assert.False(wasAhead);
        Assert.Equal(asked + 2, stack.Provider.AuthorizeRequests.Count);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task Where_the_session_there_ends_as_it_gives_the_code_the_person_is_asked_there_anew_once(int refusals, bool succeeds)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var left = refusals;
        stack.Provider.AtToken = async context =>
        {
            if (left-- <= 0)
            {
                return false;
            }

            await Results.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
            return true;
        };
        var page = await stack.Flow().AuthorizeAsync();
        Assert.Equal(succeeds, page.Html.QuerySelector("[data-testid=allow]") is not null);
        Assert.Equal(!succeeds, page.Text.Contains("could not be finished"));
        Assert.Equal([null, "login"], stack.Provider.AuthorizeRequests.Select(request => request.GetValueOrDefault("prompt")));
    }

    [Fact]
    public async Task Who_proved_anew_who_they_are_is_taken_though_the_session_there_has_the_old_name()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        await flow.TokensAsync();
        await SignOutAsync(flow);
        stack.Server.Time.Advance(TimeSpan.FromSeconds(2));
        stack.Provider.Claims = claims => claims["auth_time"] = stack.Server.Time.GetUtcNow().ToUnixTimeSeconds();
        var asked = stack.Provider.AuthorizeRequests.Count;
        await flow.TokensAsync();
        Assert.Equal(asked + 1, stack.Provider.AuthorizeRequests.Count);
    }

    [Fact]
    public async Task Where_the_provider_is_not_asked_to_end_its_session_the_next_sign_in_rides_on_it()
    {
        await using var stack = await SignInAtLiar.StartAsync(
            "", ("SignIn:Providers:liar:Type", "Oidc"), ("SignIn:Providers:liar:ClientSecret", "a-secret"));
        var flow = stack.Flow();
        await flow.TokensAsync();
        await SignOutAsync(flow);
        var asked = stack.Provider.AuthorizeRequests.Count;
        await flow.TokensAsync();
        Assert.Equal(asked + 1, stack.Provider.AuthorizeRequests.Count);
        using var scope = stack.Server.Scope();
        Assert.Empty(await scope.ServiceProvider.GetRequiredService<AuthDbContext>().UpstreamEndings.AsNoTracking().ToListAsync(Cancel));
    }

    private static async Task SignOutAsync(Flow flow) => await flow.Browser.SubmitAsync(await flow.Browser.GoAsync("/sign-out"), []);

    private static async Task LogoutAsync(SignInAtLiar stack, DateTimeOffset issued)
    {
        var claims = stack.Provider.LogoutClaims("upstream-alice", "upstream-session");
        claims["iat"] = issued.ToUnixTimeSeconds();
        using var answer = await stack.Server.Client.PostAsync(
            "/sign-in/liar/backchannel-logout", new FormUrlEncodedContent([new("logout_token", stack.Provider.Sign(claims, "logout+jwt"))]), Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
