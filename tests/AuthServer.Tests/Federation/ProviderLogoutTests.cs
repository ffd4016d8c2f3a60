using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignOut;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>Which answers of a provider mean that its session is over.</summary>
public sealed class ProviderLogoutTests
{
    [Theory]
    [InlineData(200, null, true)]
    [InlineData(204, null, true)]
    [InlineData(400, "invalid_grant", true)]
    [InlineData(400, "invalid_token", true)]
    [InlineData(400, "unsupported_token_type", true)]
    [InlineData(302, null, false)]
    [InlineData(404, null, false)]
    [InlineData(400, null, false)]
    [InlineData(400, "invalid_request", false)]
    [InlineData(401, "invalid_client", false)]
    [InlineData(429, null, false)]
    [InlineData(503, null, false)]
    public async Task Only_success_or_a_session_that_is_over_is_done(int status, string? error, bool done)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.AtLogout = () => error is null ? Results.StatusCode(status) : Results.Json(new { error }, statusCode: status);
        await EndSessionAsync(stack);
        await NotedAsync(stack, done);
        Assert.Single(stack.Provider.Logouts);
        if (!done)
        {
            stack.Provider.AtLogout = () => Results.NoContent();
            stack.Server.Time.Advance(LogoutNoticeLane.Pauses[0]);
            await NotedAsync(stack, done: true);
            Assert.Equal(2, stack.Provider.Logouts.Count);
        }
    }

    [Fact]
    public async Task A_failure_that_nobody_foresaw_counts_as_an_attempt_and_is_given_up_at_last()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.Discovery["end_session_endpoint"] = "not a url";
        await EndSessionAsync(stack);
        foreach (var pause in LogoutNoticeLane.Pauses)
        {
            await NotedAsync(stack, done: false);
            stack.Server.Time.Advance(pause);
        }

        await NotedAsync(stack, done: true);
        await stack.Server.LoggedAsync("it did not answer for an hour");
        Assert.Contains(stack.Server.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("it counts as an attempt", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Signing_out_everywhere_forgets_the_offline_token_and_revokes_it_at_the_provider()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        await flow.TokensAsync(flow.Request(Flow.AllScopes + " offline_access"));
        var offline = stack.Provider.RefreshTokens.Last();
        using var scope = stack.Server.Scope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var account = (await database.Links.AsNoTracking().SingleAsync(TestContext.Current.CancellationToken)).AccountId;

        await scope.ServiceProvider.GetRequiredService<EndingActs>()
            .EndEverythingAsync(account, EndReason.SignedOutEverywhere, TestContext.Current.CancellationToken);

        Assert.Null((await database.Links.AsNoTracking().SingleAsync(TestContext.Current.CancellationToken)).OfflineToken);
        await NotedAsync(stack, done: true);
        stack.Server.Time.Advance(LogoutNoticeLane.Pauses[0]);
        await Eventually.BeTrueAsync(
            () => Task.FromResult(stack.Provider.Revocations.Any(request => request["token"] == offline)), "the provider has revoked it",
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Single(stack.Provider.Logouts);
    }

    private static async Task EndSessionAsync(SignInAtLiar stack)
    {
        await stack.Flow().TokensAsync();
        using var scope = stack.Server.Scope();
        var session = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Sessions.AsNoTracking().SingleAsync(TestContext.Current.CancellationToken);
        await scope.ServiceProvider.GetRequiredService<EndingActs>().EndSessionAsync(session, EndReason.SessionEnded, TestContext.Current.CancellationToken);
    }

    /// <summary>Waits until the attempt's outcome is written down: the notice is gone, or waits for its next attempt.</summary>
    private static Task NotedAsync(SignInAtLiar stack, bool done) => Eventually.BeTrueAsync(
        async () =>
        {
            using var scope = stack.Server.Scope();
            var notice = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().LogoutNotices.AsNoTracking()
                .SingleOrDefaultAsync(row => row.Kind == NoticeKind.Provider, TestContext.Current.CancellationToken);
            return done ? notice is null : notice is { Attempts: > 0 } && notice.NextAttemptAt - stack.Server.Time.GetUtcNow() == LogoutNoticeLane.Pauses[notice.Attempts - 1];
        },
        done ? "the notice is gone" : "the notice waits", cancellationToken: TestContext.Current.CancellationToken);
}
