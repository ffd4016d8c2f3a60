using System.Net;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>The whole of federation against the real Keycloak and the stack's own realm file.</summary>
public sealed class KeycloakTests(SignInAtKeycloak stack) : IClassFixture<SignInAtKeycloak>
{
    private const string Offline = Flow.AllScopes + " offline_access";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_signs_in_at_Keycloak_and_the_application_gets_tokens_with_name_and_roles()
    {
        SkipWithoutKeycloak();
        var flow = stack.Flow();
        var page = await flow.AuthorizeAsync();
        Assert.Equal(stack.Keycloak.Port, page.Url.Port);
        page = await flow.SignInAsync(page, password: "wrong");
        Assert.Equal(stack.Keycloak.Port, page.Url.Port);
        page = await flow.SignInAsync(page);
        page = await AllowIfAskedAsync(flow, page);
        var tokens = await flow.TokenAsync(flow.CodeRequest(Code(page)));
        AssertGiven(tokens);
        Assert.Equal("Alice Adams", tokens.Access.GetClaim("name").Value);
        Assert.Equal("user", tokens.Access.GetClaim("roles").Value);
        Assert.Equal("alice@example.com", tokens.Identity.GetClaim("email").Value);
        Assert.Equal("alice", tokens.Identity.GetClaim("preferred_username").Value);
    }

    [Fact]
    public async Task A_user_who_is_disabled_there_is_found_out_by_the_next_refresh_bound_or_alone()
    {
        SkipWithoutKeycloak();
        var first = stack.Flow();
        var alone = await TokensAsync(first, "bob", Offline);
        var second = stack.Flow();
        var bound = await TokensAsync(second, "bob", Flow.AllScopes);
        await MinuteLaterAsync();
        alone = await RefreshAsync(first, alone);
        bound = await RefreshAsync(second, bound);

        await stack.Keycloak.Admin.SetUserEnabledAsync(SignInAtKeycloak.Realm, "bob", false, Cancel);
        await MinuteLaterAsync();
        Assert.Equal("invalid_grant", (await second.TokenAsync(Flow.RefreshRequest(bound.RefreshToken))).Error);
        Assert.Equal("invalid_grant", (await first.TokenAsync(Flow.RefreshRequest(alone.RefreshToken))).Error);
        Assert.DoesNotContain("Bob Brown", (await first.Browser.GoAsync("/")).Text);
        await stack.Keycloak.Admin.SetUserEnabledAsync(SignInAtKeycloak.Realm, "bob", true, Cancel);
    }

    [Fact]
    public async Task A_session_that_an_administrator_ends_there_ends_here_and_standalone_grants_live_on()
    {
        SkipWithoutKeycloak();
        var flow = stack.Flow();
        var alone = await TokensAsync(flow, "alice", Offline);
        var bound = await flow.TokensAsync();
        foreach (var session in await stack.Keycloak.Admin.SessionIdsAsync(SignInAtKeycloak.Realm, "alice", Cancel))
        {
            await stack.Keycloak.Admin.EndSessionAsync(SignInAtKeycloak.Realm, session, Cancel);
        }

        await Eventually.BeTrueAsync(
            async () => !(await flow.Browser.GoAsync("/")).Text.Contains("Alice Adams"), "the session here has ended", cancellationToken: Cancel);
        await stack.Server.LoggedAsync("The provider keycloak ended one session");
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(bound.RefreshToken))).Error);
        await MinuteLaterAsync();
        await RefreshAsync(flow, alone);
    }

    private static void SkipWithoutKeycloak() => Assert.SkipWhen(KeycloakServer.Missing is not null, KeycloakServer.Missing ?? "");

    private static string Code(Page page) => page.Query("code") ?? throw new InvalidOperationException($"No code: {page.Status} {page.Url.GetLeftPart(UriPartial.Path)} {page.Text}");

    private static void AssertGiven(Answer answer) =>
        Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Status}: {answer.Error}: {answer.Text("error_description")}");

    /// <summary>Consents are remembered, also those of another test of this class.</summary>
    private static async Task<Page> AllowIfAskedAsync(Flow flow, Page page) =>
        page.Html.QuerySelector("[data-testid=allow]") is null ? page : await flow.AllowAsync(page);

    private static async Task<Answer> TokensAsync(Flow flow, string userName, string scope)
    {
        var page = await flow.AuthorizeAsync(flow.Request(scope));
        page = await AllowIfAskedAsync(flow, await flow.SignInAsync(page, userName));
        var answer = await flow.TokenAsync(flow.CodeRequest(Code(page)));
        AssertGiven(answer);
        return answer;
    }

    private static async Task<Answer> RefreshAsync(Flow flow, Answer tokens)
    {
        var answer = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        AssertGiven(answer);
        return answer;
    }

    /// <summary>Keycloak has its own clock, with which ours must keep step; what was asked lately is made long ago instead.</summary>
    private async Task MinuteLaterAsync()
    {
        using var scope = stack.Server.Scope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var earlier = stack.Server.Time.GetUtcNow().AddMinutes(-2);
        await database.Sessions.Where(session => session.Upstream!.Provider == "keycloak")
            .ExecuteUpdateAsync(row => row.SetProperty(session => session.Upstream!.AskedAt, earlier), Cancel);
        await database.Links.ExecuteUpdateAsync(row => row.SetProperty(link => link.AskedAt, earlier), Cancel);
    }
}
