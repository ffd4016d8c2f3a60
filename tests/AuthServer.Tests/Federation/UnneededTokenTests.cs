using System.Net;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Federation.Revoking;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.SignOut;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>Refresh tokens of a provider that nothing needs any more are revoked there, and no other.</summary>
public sealed class UnneededTokenTests
{
    private const string Offline = Flow.AllScopes + " offline_access";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("the application revokes its token")]
    [InlineData("the person removes the application")]
    [InlineData("nobody used it for 30 days")]
    public async Task The_offline_token_is_revoked_when_the_last_application_is_gone(string how)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.GivesOfflineTokensOnly = true;
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync(flow.Request(Offline));
        var offline = Assert.Single(stack.Provider.RefreshTokens);
        switch (how)
        {
            case "the application revokes its token":
                await flow.PostAsync("/connect/revoke", new() { ["token"] = tokens.RefreshToken });
                break;
            case "the person removes the application":
                await ActAsync(stack, async (acts, database) =>
                {
                    var grant = await database.Grants.AsNoTracking().SingleAsync(Cancel);
                    await acts.RemoveApplicationAsync(grant.AccountId, grant.ClientId, Cancel);
                });
                break;
            default:
                stack.Server.Time.Advance(GrantStore.RefreshIdle + Sessions.UseInterval);
                break;
        }

        stack.Server.Time.Advance(UnneededTokenSweep.Quiet);
        await SweepAsync(stack);
        await RevokedAsync(stack, offline);
        Assert.Null(await OfflineTokenAsync(stack));
        var request = Assert.Single(stack.Provider.Revocations);
        Assert.Equal(("refresh_token", "the-client"), (request["token_type_hint"], request["client_id"]));
        Assert.Empty(stack.Provider.Logouts);
        Assert.DoesNotContain(stack.Server.Logs.Lines, line => line.Contains(offline, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_offline_token_is_kept_while_an_application_hangs_on_it_or_one_may_be_about_to()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.GivesOfflineTokensOnly = true;
        var flow = stack.Flow();
        var first = await flow.TokensAsync(flow.Request(Offline));
        var other = stack.Flow();
        var second = await other.TokensAsync(other.Request(Offline));
        await flow.PostAsync("/connect/revoke", new() { ["token"] = first.RefreshToken });
        stack.Server.Time.Advance(UnneededTokenSweep.Quiet);
        await SweepAsync(stack);
        Assert.NotNull(await OfflineTokenAsync(stack));
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(second.RefreshToken))).Status);

        await flow.PostAsync("/connect/revoke", new() { ["token"] = second.RefreshToken });
        await SweepAsync(stack);
        Assert.NotNull(await OfflineTokenAsync(stack));
        Assert.Empty(stack.Provider.Revocations);
    }

    [Theory]
    [InlineData(false, "another-session", true)]
    [InlineData(true, "upstream-session", true)]
    [InlineData(true, "another-session", false)]
    public async Task It_is_revoked_only_when_no_session_of_the_person_hangs_on_what_ends_with_it(bool named, string sid, bool waits)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.TokensNameTheirSession = named;
        var flow = stack.Flow();
        var tokens = await flow.TokensAsync(flow.Request(Offline));
        var offline = stack.Provider.RefreshTokens.Last();
        await SignOutAsync(flow);
        await NoticesAsync(stack, NoticeKind.Provider, 0);
        stack.Provider.Sid = sid;
        var other = stack.Flow();
        await other.TokensAsync();
        await flow.PostAsync("/connect/revoke", new() { ["token"] = tokens.RefreshToken });
        stack.Server.Time.Advance(UnneededTokenSweep.Quiet);
        await SweepAsync(stack);
        if (waits)
        {
            await WaitsAsync(stack);
            Assert.Empty(stack.Provider.Revocations);
            await SignOutAsync(other);
            await NoticesAsync(stack, NoticeKind.Provider, 0);
            stack.Server.Time.Advance(LogoutNoticeLane.Wait);
        }

        await RevokedAsync(stack, offline);
    }

    [Theory]
    [InlineData(false, "upstream-session", true)]
    [InlineData(true, "another-session", false)]
    public async Task An_offline_token_that_a_newer_one_replaced_is_revoked_unless_the_newer_one_may_end_with_it(bool named, string sid, bool waits)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        (stack.Provider.TokensNameTheirSession, stack.Provider.GivesOfflineTokensOnly) = (named, true);
        var flow = stack.Flow();
        var first = await flow.TokensAsync(flow.Request(Offline));
        await flow.PostAsync("/connect/revoke", new() { ["token"] = first.RefreshToken });
        stack.Provider.Sid = sid;
        var second = await flow.TokensAsync(flow.Request(Offline));
        Assert.Equal(2, stack.Provider.RefreshTokens.Count);
        if (waits)
        {
            await WaitsAsync(stack);
            Assert.Empty(stack.Provider.Revocations);
            await flow.PostAsync("/connect/revoke", new() { ["token"] = second.RefreshToken });
            stack.Server.Time.Advance(UnneededTokenSweep.Quiet);
            await SweepAsync(stack);
            await RevokedAsync(stack, stack.Provider.RefreshTokens.Last());
            stack.Server.Time.Advance(LogoutNoticeLane.Wait);
        }

        await RevokedAsync(stack, stack.Provider.RefreshTokens.First());
        Assert.Equal(waits ? 2 : 1, stack.Provider.Revocations.Count);
    }

    [Fact]
    public async Task A_newer_offline_token_of_the_same_session_there_ends_the_old_one_with_itself_so_nothing_is_revoked()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.TokensNameTheirSession = true;
        var flow = stack.Flow();
        var first = await flow.TokensAsync(flow.Request(Offline));
        await flow.PostAsync("/connect/revoke", new() { ["token"] = first.RefreshToken });
        await flow.TokensAsync(flow.Request(Offline));
        Assert.Equal(3, stack.Provider.RefreshTokens.Count);
        await NoticesAsync(stack, NoticeKind.ProviderToken, 0);
        Assert.Empty(stack.Provider.Revocations);
    }

    [Theory]
    [InlineData("upstream-session", false)]
    [InlineData("another-session", true)]
    public async Task The_token_of_an_earlier_sign_in_in_the_same_session_here_is_revoked(string sid, bool revoked)
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.TokensNameTheirSession = true;
        var flow = stack.Flow();
        await flow.TokensAsync();
        stack.Provider.Sid = sid;
        var request = flow.Request();
        request["prompt"] = "login";
        var tokens = await flow.TokensAsync(request);
        if (revoked)
        {
            await RevokedAsync(stack, stack.Provider.RefreshTokens.First());
        }

        await NoticesAsync(stack, NoticeKind.ProviderToken, 0);
        Assert.Equal(revoked ? 1 : 0, stack.Provider.Revocations.Count);
        Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
    }

    [Fact]
    public async Task The_token_of_a_session_that_nobody_used_for_30_days_is_revoked()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        await stack.Flow().TokensAsync();
        stack.Server.Time.Advance(Sessions.Lifetime + Sessions.UseInterval);
        await SweepAsync(stack);
        await RevokedAsync(stack, stack.Provider.RefreshTokens.Single());
        Assert.Empty(stack.Provider.Logouts);
    }

    [Fact]
    public async Task Unlinking_revokes_what_the_provider_gave()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        var flow = stack.Flow();
        await flow.TokensAsync(flow.Request(Offline));
        await ActAsync(stack, async (acts, database) =>
        {
            var link = await database.Links.AsNoTracking().SingleAsync(Cancel);
            await using var transaction = await database.BeginInTurnAsync(Cancel);
            await database.Links.ExecuteDeleteAsync(Cancel);
            await acts.EndUnlinkedAsync(transaction, link.AccountId, link.Provider, [link], Cancel);
        });
        foreach (var token in stack.Provider.RefreshTokens)
        {
            await RevokedAsync(stack, token);
        }

        Assert.Empty(stack.Provider.Logouts);
    }

    [Fact]
    public async Task Signing_out_revokes_the_sessions_token_where_the_provider_ends_no_session_by_it()
    {
        await using var stack = await SignInAtLiar.StartAsync(
            "", ("SignIn:Providers:liar:Type", "Oidc"), ("SignIn:Providers:liar:ClientSecret", "a-secret"));
        var flow = stack.Flow();
        await flow.TokensAsync();
        await SignOutAsync(flow);
        await RevokedAsync(stack, stack.Provider.RefreshTokens.Single());
        Assert.Empty(stack.Provider.Logouts);
    }

    [Fact]
    public async Task While_the_provider_is_away_it_is_tried_again_and_nobody_waits_for_it()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.GivesOfflineTokensOnly = true;
        stack.Provider.AtRevoke = () => Results.StatusCode(503);
        var flow = stack.Flow();
        await flow.TokensAsync(flow.Request(Offline));
        await ActAsync(stack, async (acts, database) =>
            await acts.EndEverythingAsync((await database.Links.AsNoTracking().SingleAsync(Cancel)).AccountId, EndReason.SignedOutEverywhere, Cancel));
        await Eventually.BeTrueAsync(
            async () => await FindNoticeAsync(stack) is { Attempts: 1 } notice && notice.NextAttemptAt == stack.Server.Time.GetUtcNow() + LogoutNoticeLane.Pauses[0],
            "the first attempt failed", cancellationToken: Cancel);
        stack.Provider.AtRevoke = () => Results.Ok();
        stack.Server.Time.Advance(LogoutNoticeLane.Pauses[0]);
        await NoticesAsync(stack, NoticeKind.ProviderToken, 0);
        Assert.Equal(2, stack.Provider.Revocations.Count);
        await stack.Server.LoggedAsync("revoked there: Done");
    }

    [Fact]
    public async Task A_provider_without_a_revocation_endpoint_is_not_asked()
    {
        await using var stack = await SignInAtLiar.StartAsync();
        stack.Provider.Discovery.Remove("revocation_endpoint");
        stack.Provider.GivesOfflineTokensOnly = true;
        var flow = stack.Flow();
        await flow.TokensAsync(flow.Request(Offline));
        await ActAsync(stack, async (acts, database) =>
            await acts.EndEverythingAsync((await database.Links.AsNoTracking().SingleAsync(Cancel)).AccountId, EndReason.SignedOutEverywhere, Cancel));
        await NoticesAsync(stack, NoticeKind.ProviderToken, 0);
        Assert.Empty(stack.Provider.Revocations);
    }

    private static async Task SignOutAsync(Flow flow) => await flow.Browser.SubmitAsync(await flow.Browser.GoAsync("/sign-out"), []);

    private static async Task SweepAsync(SignInAtLiar stack)
    {
        using var scope = stack.Server.Scope();
        await scope.ServiceProvider.GetRequiredService<UnneededTokenSweep>().RunAsync(Cancel);
    }

    private static Task RevokedAsync(SignInAtLiar stack, string token) => Eventually.BeTrueAsync(
        () => Task.FromResult(stack.Provider.Revocations.Any(request => request["token"] == token)), "the provider was asked to revoke it", cancellationToken: Cancel);

    private static Task NoticesAsync(SignInAtLiar stack, NoticeKind kind, int count) => Eventually.BeTrueAsync(
        async () => await DatabaseAsync(stack, database => database.LogoutNotices.CountAsync(notice => notice.Kind == kind, Cancel)) == count,
        $"{count} notices are left", cancellationToken: Cancel);

    /// <summary>Waits until the notice was looked at, found to be too early, and put off.</summary>
    private static Task WaitsAsync(SignInAtLiar stack) => Eventually.BeTrueAsync(
        async () => await FindNoticeAsync(stack) is { Attempts: 0 } notice && notice.NextAttemptAt == stack.Server.Time.GetUtcNow() + LogoutNoticeLane.Wait,
        "the notice waits", cancellationToken: Cancel);

    private static Task<LogoutNotice?> FindNoticeAsync(SignInAtLiar stack) => DatabaseAsync(
        stack, database => database.LogoutNotices.AsNoTracking().SingleOrDefaultAsync(notice => notice.Kind == NoticeKind.ProviderToken, Cancel));

    private static Task<byte[]?> OfflineTokenAsync(SignInAtLiar stack) =>
        DatabaseAsync(stack, database => database.Links.Select(link => link.OfflineToken).SingleAsync(Cancel));

    private static async Task<T> DatabaseAsync<T>(SignInAtLiar stack, Func<AuthDbContext, Task<T>> use)
    {
        using var scope = stack.Server.Scope();
        return await use(scope.ServiceProvider.GetRequiredService<AuthDbContext>());
    }

    private static async Task ActAsync(SignInAtLiar stack, Func<EndingActs, AuthDbContext, Task> act)
    {
        using var scope = stack.Server.Scope();
        await act(scope.ServiceProvider.GetRequiredService<EndingActs>(), scope.ServiceProvider.GetRequiredService<AuthDbContext>());
    }
}
