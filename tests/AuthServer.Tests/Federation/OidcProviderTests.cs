using System.Net;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Federation;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>Any OpenID Connect issuer, with the few settings that the documentation names, against one that we did not write.</summary>
public sealed class OidcProviderTests : IAsyncLifetime
{
    private const string Offline = Flow.AllScopes + " offline_access";

    private readonly RedisServer _redis = new();
    private OidcProviderProcess? _provider;
    private RunningAuthServer? _server;
    private TestClient? _client;
    private string? _missing;

    public async ValueTask InitializeAsync()
    {
        var (folder, missing) = await NodePackages.InstallAsync("OidcProvider", TestContext.Current.CancellationToken);
        _missing = missing;
        if (folder is null)
        {
            return;
        }

        var port = FreePort.Next();
        _provider = new OidcProviderProcess(folder, $"http://localhost:{port}/sign-in/company/callback");
        await _provider.StartAsync();
        _client = await TestClient.StartAsync();
        _server = await RunningAuthServer.StartAsync(
            _redis.ConnectionString, port,
            settings: [
                ("SignIn:Providers:company:Type", "Oidc"), ("SignIn:Providers:company:Name", "Work"), ("SignIn:Providers:company:Issuer", _provider.Issuer),
                ("SignIn:Providers:company:ClientId", OidcProviderProcess.ClientId), ("SignIn:Providers:company:ClientSecret", OidcProviderProcess.ClientSecret),
            ]);
    }

    [Fact]
    public async Task A_person_signs_in_through_its_forms_and_the_claims_come_from_userinfo()
    {
        var flow = Begin();
        var tokens = await TokensAsync(flow, flow.Request());
        Assert.Equal("carol of Work", tokens.Access.GetClaim("name").Value);
        Assert.Equal("carol@work.example", tokens.Identity.GetClaim("email").Value);
        Assert.Equal("carol", tokens.Identity.GetClaim("preferred_username").Value);
        var link = Link();
        Assert.Equal(("company", "carol"), (link.Provider, link.Subject));
        Assert.NotEqual("carol", tokens.Access.Subject);

        var asked = flow.Browser.History.Single(url => url.AbsolutePath == "/auth");
        var request = System.Web.HttpUtility.ParseQueryString(asked.Query);
        Assert.Equal(("openid profile email", "S256", null), (request["scope"], request["code_challenge_method"], request["prompt"]));
        Assert.NotEmpty(request["nonce"]!);
        var callback = flow.Browser.History.Single(url => url.AbsolutePath == "/sign-in/company/callback");
        Assert.Equal(_provider!.Issuer, System.Web.HttpUtility.ParseQueryString(callback.Query)["iss"]);
    }

    [Fact]
    public async Task Its_offline_token_is_got_by_a_second_consent_renewed_by_refreshes_and_its_end_ends_everything()
    {
        var flow = Begin();
        var tokens = await TokensAsync(flow, flow.Request(Offline));
        var asked = flow.Browser.History.Where(url => url.AbsolutePath == "/auth").Select(url => System.Web.HttpUtility.ParseQueryString(url.Query)).ToArray();
        Assert.Equal(["openid profile email", "openid profile email offline_access"], asked.Select(request => request["scope"]));
        Assert.Equal([null, "consent"], asked.Select(request => request["prompt"]));
        var first = OfflineToken();

        _server!.Time.Advance(TimeSpan.FromSeconds(61));
        tokens = await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, tokens.Status);
        Assert.NotEqual(first, OfflineToken());
        Assert.Equal("carol of Work", tokens.Access.GetClaim("name").Value);

        // Started anew it knows none of its tokens.
        await _provider!.StopAsync();
        await _provider.StartAsync();
        _server.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("invalid_grant", (await flow.TokenAsync(Flow.RefreshRequest(tokens.RefreshToken))).Error);
        Assert.Null(Link().OfflineToken);
    }

    [Fact]
    public async Task Signing_out_everywhere_revokes_its_offline_token_there()
    {
        var flow = Begin();
        await TokensAsync(flow, flow.Request(Offline));
        var offline = OfflineToken();
        using var scope = _server!.Scope();
        await scope.ServiceProvider.GetRequiredService<EndingActs>()
            .EndEverythingAsync(Link().AccountId, EndReason.SignedOutEverywhere, TestContext.Current.CancellationToken);
        await _server.LoggedAsync("revoked there: Done");
        var refused = await Assert.ThrowsAsync<ProviderException>(() => scope.ServiceProvider.GetRequiredService<TokenEndpoint>().AskAsync(
            scope.ServiceProvider.GetRequiredService<ProviderSet>().Find("company")!, new() { ["grant_type"] = "refresh_token", ["refresh_token"] = offline },
            TestContext.Current.CancellationToken));
        Assert.Equal(ProviderFault.InvalidGrant, refused.Fault);
    }

    [Fact]
    public async Task Who_cancels_there_gets_a_page_with_a_way_on()
    {
        var flow = Begin();
        var page = await flow.AuthorizeAsync();
        page = await flow.Browser.GoAsync(new Uri(page.Url, page.Html.QuerySelector("a[href$='/abort']")!.GetAttribute("href")).ToString());
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Contains("You did not sign in", page.Text);
        page = await flow.Browser.GoAsync(page.Html.QuerySelector("[data-testid=way]")!.GetAttribute("href")!);
        Assert.NotNull(page.Html.QuerySelector("input[name=login]"));
    }

    private Flow Begin()
    {
        Assert.SkipWhen(_missing is not null, _missing ?? "");
        var flow = new Flow(_server!, _client!);
        flow.Browser.Visits.Add(_provider!.Issuer);
        return flow;
    }

    /// <summary>From the request to the tokens, through whatever forms there are, there and here.</summary>
    private static async Task<Answer> TokensAsync(Flow flow, Dictionary<string, string?> request)
    {
        var page = await flow.AuthorizeAsync(request);
        while (page.Query("code") is null)
        {
            page = page.Html.QuerySelector("[data-testid=allow]") is not null ? await flow.AllowAsync(page)
                : page.Html.QuerySelector("input[name=login]") is not null ? await flow.Browser.SubmitAsync(page, new() { ["login"] = "carol", ["password"] = "any" })
                : page.Html.QuerySelector("input[name=prompt][value=consent]") is not null ? await flow.Browser.SubmitAsync(page, [])
                : throw new InvalidOperationException($"No form: {page.Status} {page.Url} {page.Text}");
        }

        return await flow.TokenAsync(flow.CodeRequest(page.Query("code")!));
    }

    private SignIn.Link Link()
    {
        using var scope = _server!.Scope();
        return Assert.Single(scope.ServiceProvider.GetRequiredService<AuthDbContext>().Links);
    }

    private string OfflineToken()
    {
        using var scope = _server!.Scope();
        return scope.ServiceProvider.GetRequiredService<UpstreamTokenProtection>().Unwrap(Link().OfflineToken!);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            await _client!.DisposeAsync();
            await _provider!.DisposeAsync();
        }

        _redis.Dispose();
    }
}
