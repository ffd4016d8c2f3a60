using System.Net;
using McpAspire.AuthServer.Federation;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.Revoking;
using McpAspire.AuthServer.SignOut;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>What a sign-out and the last application's end do at the real Keycloak, and what they leave alone.</summary>
public sealed class KeycloakSignOutTests(SignInAtKeycloak stack) : IClassFixture<SignInAtKeycloak>
{
    private const int Rounds = 5;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_signs_out_and_comes_back_at_once_is_asked_there_anew_and_stays_signed_in()
    {
        SkipWithoutKeycloak();
        var flow = stack.Flow();
        await ArriveAsync(flow, "alice", Flow.AllScopes);
        for (var round = 0; round < Rounds; round++)
        {
            await SignOutAsync(flow);
            var page = await flow.AuthorizeAsync();
            Assert.True(page.Url.Port == stack.Keycloak.Port, $"Round {round}: {page.Status} {page.Url.GetLeftPart(UriPartial.Path)} {page.Text}");
            page = await flow.FinishAsync(await flow.SignInAsync(page));
            var tokens = await flow.TokenAsync(flow.CodeRequest(page.Query("code") ?? throw new InvalidOperationException($"{page.Status} {page.Url} {page.Text}")));
            Assert.Equal(HttpStatusCode.OK, tokens.Status);
            await NoticesAsync(NoticeKind.Provider, 0);
            await MinuteLaterAsync();
            Assert.Equal(HttpStatusCode.OK, (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Status);
        }
    }

    [Fact]
    public async Task The_offline_token_without_an_application_is_revoked_there_and_the_persons_other_session_goes_on()
    {
        SkipWithoutKeycloak();
        var first = stack.Flow();
        var alone = await ArriveAsync(first, "bob", Flow.AllScopes + " offline_access");
        var bound = await ArriveAsync(first, null, Flow.AllScopes);
        var second = stack.Flow();
        var other = await ArriveAsync(second, "bob", Flow.AllScopes);
        var offline = await OfflineTokenAsync();
        Assert.True(await LivesAsync(offline));

        // The session in which it was given hangs on the same session there: it waits.
        await first.PostAsync("/connect/revoke", new() { ["token"] = alone.RefreshToken });
        await LongAgoAsync();
        await SweepAsync();
        await Eventually.BeTrueAsync(
            async () => await UseAsync(database => database.LogoutNotices.AnyAsync(
                notice => notice.Kind == NoticeKind.ProviderToken && notice.Attempts == 0 && notice.NextAttemptAt > notice.CreatedAt, Cancel)),
            "the notice waits", cancellationToken: Cancel);
        await MinuteLaterAsync();
        bound = await RefreshAsync(first, bound);
        other = await RefreshAsync(second, other);

        await SignOutAsync(first);
        await NoticesAsync(NoticeKind.Provider, 0);
        Assert.True(await LivesAsync(offline));
        var due = stack.Server.Time.GetUtcNow();
        await UseAsync(database => database.LogoutNotices.Where(notice => notice.Kind == NoticeKind.ProviderToken)
            .ExecuteUpdateAsync(row => row.SetProperty(notice => notice.NextAttemptAt, due), Cancel));
        await NoticesAsync(NoticeKind.ProviderToken, 0);
        Assert.False(await LivesAsync(offline));
        await MinuteLaterAsync();
        await RefreshAsync(second, other);
        Assert.Contains("Bob Brown", (await second.Browser.GoAsync("/")).Text);
    }

    private static void SkipWithoutKeycloak() => Assert.SkipWhen(KeycloakServer.Missing is not null, KeycloakServer.Missing ?? "");

    /// <summary>Through Keycloak's form, unless the person is signed in, and the consent, to the tokens.</summary>
    private static async Task<Answer> ArriveAsync(Flow flow, string? userName, string scope)
    {
        var page = await flow.AuthorizeAsync(flow.Request(scope));
        page = await flow.FinishAsync(userName is null ? page : await flow.SignInAsync(page, userName));
        var answer = await flow.TokenAsync(flow.CodeRequest(page.Query("code") ?? throw new InvalidOperationException($"{page.Status} {page.Url} {page.Text}")));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer;
    }

    private static async Task<Answer> RefreshAsync(Flow flow, Answer tokens)
    {
        var answer = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer;
    }

    private static async Task SignOutAsync(Flow flow) => await flow.Browser.SubmitAsync(await flow.Browser.GoAsync("/sign-out"), []);

    private Task NoticesAsync(NoticeKind kind, int count) => Eventually.BeTrueAsync(
        async () => await UseAsync(database => database.LogoutNotices.CountAsync(notice => notice.Kind == kind, Cancel)) == count,
        "Keycloak was told", cancellationToken: Cancel);

    private async Task<string> OfflineTokenAsync()
    {
        using var scope = stack.Server.Scope();
        var link = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Links.AsNoTracking().SingleAsync(row => row.OfflineToken != null, Cancel);
        return scope.ServiceProvider.GetRequiredService<UpstreamTokenProtection>().Unwrap(link.OfflineToken!);
    }

    /// <summary>Asks Keycloak itself.</summary>
    private async Task<bool> LivesAsync(string token)
    {
        using var scope = stack.Server.Scope();
        var provider = scope.ServiceProvider.GetRequiredService<ProviderSet>().Find("keycloak")!;
        try
        {
            await scope.ServiceProvider.GetRequiredService<TokenEndpoint>().AskAsync(
                provider, new() { ["grant_type"] = "refresh_token", ["refresh_token"] = token }, Cancel);
            return true;
        }
        catch (ProviderException exception) when (exception.Fault == ProviderFault.InvalidGrant)
        {
            return false;
        }
    }

    private async Task SweepAsync()
    {
        using var scope = stack.Server.Scope();
        await scope.ServiceProvider.GetRequiredService<UnneededTokenSweep>().RunAsync(Cancel);
    }

    /// <summary>Keycloak has its own clock, with which ours must keep step; what happened lately is made long ago instead.</summary>
    private async Task LongAgoAsync()
    {
        var earlier = stack.Server.Time.GetUtcNow() - UnneededTokenSweep.Quiet;
        await UseAsync(database => database.Links.ExecuteUpdateAsync(row => row.SetProperty(link => link.AskedAt, earlier), Cancel));
        await UseAsync(database => database.Grants.Where(grant => grant.EndedAt != null)
            .ExecuteUpdateAsync(row => row.SetProperty(grant => grant.EndedAt, earlier), Cancel));
    }

    /// <summary>So that the next refresh asks Keycloak.</summary>
    private Task<int> MinuteLaterAsync()
    {
        var earlier = stack.Server.Time.GetUtcNow().AddMinutes(-2);
        return UseAsync(database => database.Sessions.ExecuteUpdateAsync(row => row.SetProperty(session => session.Upstream!.AskedAt, earlier), Cancel));
    }

    private async Task<T> UseAsync<T>(Func<AuthDbContext, Task<T>> use)
    {
        using var scope = stack.Server.Scope();
        return await use(scope.ServiceProvider.GetRequiredService<AuthDbContext>());
    }
}
