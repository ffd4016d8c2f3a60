using System.Net;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Extensions.Hosting.Internal;

namespace McpAspire.AuthServer.Tests;

public sealed class PasswordChangeTests : IAsyncLifetime
{
    private const string Path = "/account/password";
    private const string New = "a few words of alice";

    private readonly RedisServer _redis = new();
    private RunningAuthServer _server = null!;
    private TestClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningAuthServer.StartAsync(_redis.ConnectionString);
        _client = await TestClient.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task A_new_password_counts_at_once_and_ends_every_other_session_and_every_grant_that_was_not_given_here()
    {
        var elsewhere = new Flow(_server, _client);
        var bound = await elsewhere.TokensAsync(elsewhere.Request("mcp:tools"));
        var standalone = await elsewhere.TokensAsync(elsewhere.Request("mcp:tools offline_access"));
        var here = new Flow(_server, _client);
        var kept = await here.TokensAsync(here.Request("mcp:tools"));
        var standaloneHere = await here.TokensAsync(here.Request("mcp:tools offline_access"));
        var bob = new Flow(_server, _client);
        var his = await bob.TokensAsync(bob.Request("mcp:tools"), "bob");

        var page = await here.Browser.GoAsync("/account");
        Assert.Equal(Path, page.Html.QuerySelector("[data-testid=change-password]")!.GetAttribute("href"));
        page = await ChangeAsync(here, "alice", New);
        Assert.Equal("/account", page.Url.AbsolutePath);
        Assert.Contains("password is changed", page.Html.QuerySelector("[data-testid=done]")!.TextContent, StringComparison.Ordinal);

        Assert.Equal("/sign-in", (await elsewhere.Browser.GoAsync("/account")).Url.AbsolutePath);
        Assert.Equal("invalid_grant", (await elsewhere.TokenAsync(Flow.RefreshRequest(bound.RefreshToken))).Error);
        Assert.Equal("invalid_grant", (await elsewhere.TokenAsync(Flow.RefreshRequest(standalone.RefreshToken))).Error);
        Assert.Equal(HttpStatusCode.OK, (await here.TokenAsync(Flow.RefreshRequest(kept.RefreshToken))).Status);
        Assert.Equal(HttpStatusCode.OK, (await here.TokenAsync(Flow.RefreshRequest(standaloneHere.RefreshToken))).Status);
        Assert.Equal(HttpStatusCode.OK, (await bob.TokenAsync(Flow.RefreshRequest(his.RefreshToken))).Status);

        var again = new Flow(_server, _client);
        Assert.Equal(HttpStatusCode.BadRequest, (await again.SignInAsync(await again.Browser.GoAsync("/sign-in"))).Status);
        Assert.Equal("/", (await again.SignInAsync(await again.Browser.GoAsync("/sign-in"), password: New)).Url.AbsolutePath);
        Assert.Contains(_server.Logs.Lines, line => line.Contains("Password changed: account"));
        Assert.DoesNotContain(_server.Logs.Lines, line => line.Contains(New));
    }

    [Fact]
    public async Task Who_is_just_signing_in_with_the_old_password_is_out_too()
    {
        var here = await SignedInAsync();
        var elsewhere = new Flow(_server, _client);
        var form = await elsewhere.Browser.GoAsync("/sign-in");
        // The write that follows the right password: what holds it holds the sign-in between its look and its session.
        using var hold = new HoldFirstCommand(_server, "\"Id\" = @account_Id");
        var signingIn = Task.Run(() => elsewhere.SignInAsync(form), TestContext.Current.CancellationToken);
        await hold.Reached;
        Assert.Equal("/account", (await ChangeAsync(here, "alice", New)).Url.AbsolutePath);
        hold.GoOn();
        var page = await signingIn;
        Assert.Equal((HttpStatusCode.BadRequest, "/sign-in"), (page.Status, page.Url.AbsolutePath));
        Assert.Equal("/sign-in", (await elsewhere.Browser.GoAsync("/account")).Url.AbsolutePath);
    }

    [Fact]
    public async Task A_wrong_current_password_counts_as_at_the_sign_in_and_locks()
    {
        var flow = await SignedInAsync();
        for (var attempt = 0; attempt < 5; attempt++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await ChangeAsync(flow, "wrong", New)).Status);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await ChangeAsync(flow, "alice", New)).Status);
        _server.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("/account", (await ChangeAsync(flow, "alice", New)).Url.AbsolutePath);
    }

    [Theory]
    [InlineData("alice", "alice", "alice", "new")]
    [InlineData("alice", "", "", "new")]
    [InlineData("alice", "a few words of alice", "other words of alice", "again")]
    [InlineData("alice", "ALICE", "ALICE", "new")]
    [InlineData("wrong", "a few words of alice", "a few words of alice", "current")]
    public async Task A_password_that_may_not_be_changes_nothing_and_its_field_is_marked(string current, string chosen, string again, string wrong)
    {
        var flow = await SignedInAsync();
        var page = await ChangeAsync(flow, current, chosen, again);
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.NotEmpty(page.Html.QuerySelector("[data-testid=password-error]")!.TextContent);
        Assert.Equal(wrong, Assert.Single(page.Html.QuerySelectorAll("[aria-invalid]")).Id);
        Assert.Equal(wrong, Assert.Single(page.Html.QuerySelectorAll("[autofocus]")).Id);
        Assert.Equal("/account", (await ChangeAsync(flow, "alice", New)).Url.AbsolutePath);
    }

    [Theory]
    [InlineData("Development", "short", true)]
    [InlineData("Production", "eleven char", false)]
    [InlineData("Production", "twelve chars", true)]
    [InlineData("Production", "Alice.Long.Name", false)]
    public void Outside_Development_a_password_has_12_characters_or_more_and_is_not_the_user_name(string environment, string password, bool allowed)
    {
        var owner = new Account { Id = "id", UserName = "alice.long.name", Name = "Alice", CreatedAt = default };
        Assert.Equal(allowed, new PasswordRules(new HostingEnvironment { EnvironmentName = environment }).Fault(password, owner) is null);
    }

    [Fact]
    public async Task The_form_needs_a_session_and_its_own_page()
    {
        var flow = await SignedInAsync();
        var page = await flow.Browser.GoAsync(Path);
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.SubmitAsync(page, Fields("alice", New, New, ("__RequestVerificationToken", "x")))).Status);
        flow.Browser.Origin = "https://evil.example";
        Assert.Equal(HttpStatusCode.Forbidden, (await flow.Browser.SubmitAsync(page, Fields("alice", New, New))).Status);
        Assert.Equal("/sign-in", (await new Flow(_server, _client).Browser.GoAsync(Path)).Url.AbsolutePath);
    }

    [Theory]
    [InlineData("/register")]
    [InlineData("/sign-up")]
    [InlineData("/account/register")]
    public async Task Nobody_can_make_an_account_here(string path) =>
        Assert.Equal(HttpStatusCode.NotFound, (await _server.Client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);

    private async Task<Flow> SignedInAsync()
    {
        var flow = new Flow(_server, _client);
        await flow.SignInAsync(await flow.Browser.GoAsync("/sign-in"));
        return flow;
    }

    private static async Task<Page> ChangeAsync(Flow flow, string current, string chosen, string? again = null) =>
        await flow.Browser.SubmitAsync(await flow.Browser.GoAsync(Path), Fields(current, chosen, again ?? chosen));

    private static Dictionary<string, string?> Fields(string current, string chosen, string again, params (string, string)[] more)
    {
        var fields = new Dictionary<string, string?> { ["current"] = current, ["new"] = chosen, ["again"] = again };
        foreach (var (name, value) in more)
        {
            fields[name] = value;
        }

        return fields;
    }
}
