using System.Net;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Federation;

public sealed class UpstreamRefreshTests
{
    private const string Offline = Flow.AllScopes + " offline_access";

    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(61);

    [Fact]
    public async Task The_provider_is_asked_at_most_once_a_minute_each_time_with_its_newest_token()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        var newest = stack.Provider.RefreshTokens.Last();
        tokens = await RefreshAsync(flow, tokens);
        Assert.Empty(Refreshes(stack));

        for (var round = 1; round <= 2; round++)
        {
            stack.Server.Time.Advance(Minute);
            tokens = await RefreshAsync(flow, tokens);
            tokens = await RefreshAsync(flow, tokens);
            Assert.Equal(round, Refreshes(stack).Length);
            Assert.Equal(newest, Refreshes(stack)[^1]["refresh_token"]);
            newest = stack.Provider.RefreshTokens.Last();
        }
    }

    [Fact]
    public async Task What_the_provider_says_of_the_person_now_is_in_the_next_tokens()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        Assert.False(tokens.Access.TryGetPayloadValue<object>("roles", out _));
        stack.Provider.Claims = claims =>
        {
            claims["name"] = "Alice Married";
            claims["realm_access"] = new Dictionary<string, object> { ["roles"] = new[] { "editor", "uma_authorization" } };
        };
        stack.Server.Time.Advance(Minute);
        tokens = await RefreshAsync(flow, tokens);
        Assert.Equal("Alice Married", tokens.Access.GetClaim("name").Value);
        Assert.Equal("editor", tokens.Access.GetClaim("roles").Value);
    }

    [Fact]
    public async Task What_a_refreshed_ID_token_leaves_out_stays_as_it_was()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        var name = tokens.Access.GetClaim("name").Value;
        var email = tokens.Identity.GetClaim("email").Value;
        stack.Provider.Claims = claims =>
        {
            claims.Remove("name");
            claims.Remove("preferred_username");
            claims.Remove("email");
        };
        stack.Server.Time.Advance(Minute);
        tokens = await RefreshAsync(flow, tokens);
        Assert.Equal(name, tokens.Access.GetClaim("name").Value);
        Assert.Equal(email, tokens.Identity.GetClaim("email").Value);
    }

    [Fact]
    public async Task A_session_that_the_provider_ended_ends_here_with_its_grants_and_no_other()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        var bound = await flow.TokensAsync();
        var alone = await flow.TokensAsync(flow.Request(Offline));
        var offline = stack.Provider.RefreshTokens.Last();
        Refuse(stack, token => token != offline);
        stack.Server.Time.Advance(Minute);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), await ResultAsync(flow, bound));
        Assert.Equal(HttpStatusCode.OK, (await ResultAsync(flow, alone)).Status);
    }

    [Fact]
    public async Task An_offline_token_that_the_provider_refuses_ends_everything_of_the_person()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        var alone = await flow.TokensAsync(flow.Request(Offline));
        var bound = await flow.TokensAsync();
        Refuse(stack, _ => true);
        stack.Server.Time.Advance(Minute);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), await ResultAsync(flow, alone));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), await ResultAsync(flow, bound));
        using var scope = stack.Server.Scope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        Assert.All(database.Sessions, session => Assert.NotNull(session.EndedAt));
        Assert.All(database.Grants, grant => Assert.NotNull(grant.EndedAt));
        Assert.All(database.Links, link => Assert.Null(link.OfflineToken));
    }

    [Fact]
    public async Task The_offline_token_is_asked_for_once_for_each_person_after_the_consent()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        await flow.TokensAsync(flow.Request(Offline));
        Assert.Equal([false, true], stack.Provider.AuthorizeRequests.Select(request => request["scope"].Contains("offline_access")));
        await flow.TokensAsync(flow.Request(Offline));
        Assert.Equal(2, stack.Provider.AuthorizeRequests.Count);
    }

    [Fact]
    public async Task A_provider_that_refuses_an_offline_token_or_signs_in_someone_else_then_stops_nothing()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        await flow.TokensAsync();
        stack.Provider.Subject = "upstream-mallory";
        Assert.Equal(HttpStatusCode.OK, (await flow.TokensAsync(flow.Request(Offline))).Status);
        stack.Provider.Redirect = answer =>
        {
            answer.Remove("code");
            answer["error"] = "access_denied";
        };
        Assert.Equal(HttpStatusCode.OK, (await flow.TokensAsync(flow.Request(Offline))).Status);
        using var scope = stack.Server.Scope();
        Assert.Null(Assert.Single(scope.ServiceProvider.GetRequiredService<AuthDbContext>().Links).OfflineToken);
    }

    [Fact]
    public async Task Without_an_offline_token_a_standalone_grant_ends_a_time_after_the_last_sign_in()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: ("SignIn:Providers:liar:OfflineLifetime", "10.00:00:00"));
        stack.Provider.GivesRefreshTokens = false;
        var flow = stack.Flow();
        var alone = await flow.TokensAsync(flow.Request(Offline));
        stack.Server.Time.Advance(TimeSpan.FromDays(9));
        alone = await RefreshAsync(flow, alone);
        stack.Server.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), await ResultAsync(flow, alone));
    }

    [Fact]
    public async Task A_session_without_a_token_of_the_provider_has_an_age()
    {
        await using var stack = await SignInAtLiar.StartAsync(settings: ("SignIn:Providers:liar:MaxSessionAge", "02:00:00"));
        stack.Provider.GivesRefreshTokens = false;
        var flow = stack.Flow();
        var bound = await flow.TokensAsync();
        stack.Server.Time.Advance(TimeSpan.FromMinutes(119));
        bound = await RefreshAsync(flow, bound);
        stack.Server.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), await ResultAsync(flow, bound));
        Assert.DoesNotContain("Upstream Alice", (await flow.Browser.GoAsync("/")).Text);
    }

    [Theory]
    [InlineData("down")]
    [InlineData("failing")]
    [InlineData("slow")]
    [InlineData("not knowing us")]
    public async Task A_provider_that_can_not_be_asked_stops_applications_after_the_grace_only_and_nothing_is_lost(string how)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        await BreakAsync(stack, how);
        // The silence counts from the first question, however long nobody asked before.
        stack.Server.Time.Advance(TimeSpan.FromHours(20));
        tokens = await RefreshAsync(flow, tokens);
        tokens = await RefreshAsync(flow, tokens);
        stack.Server.Time.Advance(TimeSpan.FromMinutes(59));
        tokens = await RefreshAsync(flow, tokens);
        stack.Server.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), await ResultAsync(flow, tokens));

        stack.Provider.AtToken = null;
        await stack.Provider.StopAsync();
        await stack.Provider.StartAsync();
        stack.Server.Time.Advance(Minute);
        Assert.Equal(HttpStatusCode.OK, (await ResultAsync(flow, tokens)).Status);
    }

    [Fact]
    public async Task An_answer_that_comes_after_the_application_went_on_is_kept()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        stack.Provider.AtToken = async context =>
        {
            await Task.Delay(TimeSpan.FromSeconds(3), context.RequestAborted);
            return false;
        };
        stack.Server.Time.Advance(Minute);
        tokens = await RefreshAsync(flow, tokens);
        var first = stack.Provider.RefreshTokens.Last();
        await Eventually.BeTrueAsync(
            () => Task.FromResult(stack.Provider.RefreshTokens.Last() != first), "the provider has answered", cancellationToken: TestContext.Current.CancellationToken);
        stack.Provider.AtToken = null;
        await Eventually.BeTrueAsync(
            async () =>
            {
                stack.Server.Time.Advance(Minute);
                tokens = await RefreshAsync(flow, tokens);
                return Refreshes(stack)[^1]["refresh_token"] != first;
            },
            "the newer token is used", cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_refusal_of_a_token_that_was_replaced_meanwhile_ends_nothing()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync();
        stack.Server.Time.Advance(Minute);
        stack.Provider.AtToken = async context =>
        {
            var form = await context.Request.ReadFormAsync();
            if (form["grant_type"] != "refresh_token")
            {
                return false;
            }

            using var scope = stack.Server.Scope();
            var soon = stack.Server.Time.GetUtcNow() + TimeSpan.FromSeconds(1);
            await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Sessions.ExecuteUpdateAsync(
                row => row.SetProperty(session => session.Upstream!.AskedAt, soon));
            return await AnswerAsync(context, StatusCodes.Status400BadRequest, "invalid_grant");
        };
        Assert.Equal(HttpStatusCode.OK, (await ResultAsync(flow, tokens)).Status);
    }

    [Fact]
    public async Task An_offline_token_on_which_nothing_hangs_any_more_is_replaced_before_something_does()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        var alone = await flow.TokensAsync(flow.Request(Offline));
        var old = stack.Provider.RefreshTokens.Last();
        await flow.PostAsync("/connect/revoke", new() { ["token"] = alone.RefreshToken });
        Refuse(stack, token => token == old);

        alone = await flow.TokensAsync(flow.Request(Offline));
        stack.Server.Time.Advance(Minute);

        Assert.Equal(HttpStatusCode.OK, (await ResultAsync(flow, alone)).Status);
    }

    private static async Task BreakAsync(SignInAtLiar stack, string how)
    {
        switch (how)
        {
            case "down":
                await stack.Provider.StopAsync();
                break;
            case "failing":
                stack.Provider.AtToken = context => AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "temporarily_unavailable");
                break;
            case "slow":
                stack.Provider.AtToken = async context =>
                {
                    await Task.Delay(TimeSpan.FromSeconds(10), context.RequestAborted);
                    return true;
                };
                break;
            default:
                stack.Provider.AtToken = context => AnswerAsync(context, StatusCodes.Status401Unauthorized, "invalid_client");
                break;
        }
    }

    private static void Refuse(SignInAtLiar stack, Func<string, bool> which) => stack.Provider.AtToken = async context =>
    {
        var form = await context.Request.ReadFormAsync();
        return form["grant_type"] == "refresh_token" && which(form["refresh_token"]!) && await AnswerAsync(context, StatusCodes.Status400BadRequest, "invalid_grant");
    };

    private static async Task<bool> AnswerAsync(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(new { error });
        return true;
    }

    private static Dictionary<string, string>[] Refreshes(SignInAtLiar stack) => [.. stack.Provider.TokenRequests.Where(request => request["grant_type"] == "refresh_token")];

    private static async Task<(HttpStatusCode Status, string? Error)> ResultAsync(Flow flow, Answer tokens)
    {
        var answer = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        return (answer.Status, answer.Error);
    }

    private static async Task<Answer> RefreshAsync(Flow flow, Answer tokens)
    {
        var answer = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer;
    }
}
