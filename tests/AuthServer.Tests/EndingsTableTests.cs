using System.Net;
using AngleSharp.Html.Dom;
using McpAspire.AuthServer.Federation;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests;

/// <summary>Every row of the table of endings: what ends, what lives on, who is told.</summary>
public sealed class EndingsTableTests(EndingsSurroundings stack) : IClassFixture<EndingsSurroundings>
{
    [Theory]
    [InlineData("access_token")]
    [InlineData("refresh_token")]
    public async Task Revocation_of_any_token_ends_its_grant(string kind)
    {
        var lives = await Lives.BeginAsync(stack);
        await lives.One.Flow.PostAsync("/connect/revoke", new() { ["token"] = lives.One.Tokens.Text(kind) });
        await stack.Revocations.ToldAsync(lives.Before, lives.One.Entry);
        await lives.OverAsync(lives.One);
        NobodyWasTold();
    }

    [Fact]
    public async Task Replay_of_a_code_ends_its_grant()
    {
        var lives = await Lives.BeginAsync(stack);
        Assert.Equal("invalid_grant", (await lives.Other.Flow.TokenAsync(lives.Other.Flow.CodeRequest(lives.Other.Code))).Error);
        await stack.Revocations.ToldAsync(lives.Before, lives.Other.Entry);
        await lives.OverAsync(lives.Other);
        NobodyWasTold();
    }

    [Fact]
    public async Task Replay_of_a_refresh_token_ends_its_grant()
    {
        var lives = await Lives.BeginAsync(stack);
        var used = lives.Standalone.Tokens.RefreshToken;
        await lives.Standalone.RefreshAsync();
        stack.Server.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("invalid_grant", (await lives.Standalone.Flow.TokenAsync(Flow.RefreshRequest(used))).Error);
        await stack.Revocations.ToldAsync(lives.Before, lives.Standalone.Entry);
        await lives.OverAsync(lives.Standalone);
        NobodyWasTold();
    }

    [Fact]
    public async Task Removing_an_application_ends_every_grant_of_it_and_its_consent()
    {
        var lives = await Lives.BeginAsync(stack, "carol");
        var unredeemed = await lives.One.Flow.CodeAsync(lives.One.Flow.Request("openid mcp:tools"));
        var page = await lives.Browser.GoAsync("/account");
        await lives.Browser.SubmitAsync(page, [], which: FormWith(page, "client_id", stack.One.Id));
        await stack.Revocations.ToldAsync(lives.Before, lives.One.Entry, lives.Standalone.Entry, lives.SecondBrowser.Entry);
        await lives.OverAsync(lives.One, lives.Standalone, lives.SecondBrowser);
        Assert.Equal("invalid_grant", (await lives.One.Flow.TokenAsync(lives.One.Flow.CodeRequest(unredeemed))).Error);
        Assert.NotNull((await lives.One.Flow.AuthorizeAsync(lives.One.Flow.Request("openid mcp:tools"))).Html.QuerySelector("[data-testid=allow]"));
        NobodyWasTold();
    }

    [Fact]
    public async Task Sign_out_at_a_client_ends_the_session_and_what_is_bound_to_it()
    {
        var lives = await Lives.BeginAsync(stack);
        await lives.Browser.GoAsync($"/connect/logout?client_id={Uri.EscapeDataString(stack.One.Id)}&logout_hint={lives.Session}");
        await SessionEndedAsync(lives);
    }

    [Fact]
    public async Task Sign_out_here_ends_the_session_and_what_is_bound_to_it()
    {
        var lives = await Lives.BeginAsync(stack);
        await lives.Browser.SubmitAsync(await lives.Browser.GoAsync("/sign-out"), []);
        await SessionEndedAsync(lives);
    }

    [Fact]
    public async Task End_this_session_ends_it_from_another_browser_with_what_is_bound_to_it_and_its_session_at_the_provider()
    {
        var lives = await Lives.BeginAsync(stack);
        await HangOnProviderAsync(lives.Session, lives.SecondSession);
        var browser = lives.SecondBrowser.Flow.Browser;
        var page = await browser.GoAsync("/account");
        await browser.SubmitAsync(page, [], which: FormWith(page, "session", lives.Session));
        await SessionEndedAsync(lives);
        await Eventually.BeTrueAsync(
            () => Task.FromResult(ProviderNotices(lives.Session) == 1), "the provider is asked to end its session", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(0, ProviderNotices(lives.SecondSession));
    }

    [Fact]
    public async Task Back_channel_logout_of_the_provider_with_sid_ends_that_session()
    {
        var lives = await Lives.BeginAsync(stack);
        var subject = await HangOnProviderAsync(lives.Session, lives.SecondSession);
        await stack.ActAsync((acts, _) => acts.EndSessionsOfProviderAsync("upstream", subject, "up-" + lives.Session, stack.Server.Time.GetUtcNow(), TestContext.Current.CancellationToken));
        await SessionEndedAsync(lives);
        Assert.Equal(0, ProviderNotices(lives.Session));
    }

    [Fact]
    public async Task Back_channel_logout_of_the_provider_without_sid_ends_all_sessions_from_it()
    {
        var lives = await Lives.BeginAsync(stack);
        var subject = await HangOnProviderAsync(lives.Session, lives.SecondSession);
        var elsewhere = await Life.BeginAsync(new Flow(stack.Server, stack.Other), "openid mcp:tools", "alice");
        await stack.ActAsync((acts, _) => acts.EndSessionsOfProviderAsync("upstream", subject, null, stack.Server.Time.GetUtcNow(), TestContext.Current.CancellationToken));
        await stack.Revocations.ToldAsync(lives.Before, $"sid:{lives.Session}", $"sid:{lives.SecondSession}");
        await lives.OverAsync(lives.One, lives.Other, lives.SecondBrowser);
        await elsewhere.RefreshAsync();
        await stack.ToldAsync(stack.One, lives.One.Subject, lives.Session, lives.SecondSession);
        await stack.ToldAsync(stack.Other, lives.One.Subject, lives.Session);
        Assert.Equal(0, ProviderNotices(lives.Session) + ProviderNotices(lives.SecondSession));
    }

    [Fact]
    public async Task Sign_out_everywhere_ends_all_of_a_person_and_nothing_of_another()
    {
        var alice = await Lives.BeginAsync(stack);
        var lives = await Lives.BeginAsync(stack, "bob");
        var page = await lives.Browser.GoAsync("/account");
        page = await lives.Browser.GoAsync(page.Html.QuerySelector("[data-testid=sign-out-everywhere]")!.GetAttribute("href")!);
        var now = stack.Server.Time.GetUtcNow();
        page = await lives.Browser.SubmitAsync(page, []);
        Assert.Equal("/signed-out", page.Url.AbsolutePath);
        await EverythingEndedAsync(lives, now);
        await alice.OverAsync();
    }

    [Fact]
    public async Task A_new_password_ends_all_that_was_not_given_in_its_session_and_signs_nobody_out_of_an_application_that_goes_on_there()
    {
        var lives = await Lives.BeginAsync(stack, "dora");
        var browser = lives.SecondBrowser.Flow.Browser;
        await browser.SubmitAsync(await browser.GoAsync("/account/password"), new() { ["current"] = "dora", ["new"] = "a new one", ["again"] = "a new one" });
        await stack.Revocations.ToldAsync(lives.Before, $"sid:{lives.Session}", lives.Standalone.Entry);
        await lives.OverAsync(lives.One, lives.Other, lives.Standalone);
        await stack.ToldAsync(stack.One, lives.One.Subject, lives.Session);
        await stack.ToldAsync(stack.Other, lives.One.Subject, lives.Session);
    }

    [Fact]
    public async Task Disabling_an_account_ends_all_of_it_and_it_signs_in_no_more_until_it_is_enabled()
    {
        var lives = await Lives.BeginAsync(stack, "admin");
        var (exitCode, output) = await CommandAsync("accounts", "disable", "admin");
        // The command's process has the real clock.
        stack.Server.Time.SetUtcNow(new[] { DateTimeOffset.UtcNow, stack.Server.Time.GetUtcNow() }.Max());
        var now = stack.Server.Time.GetUtcNow();
        Assert.Equal((0, true), (exitCode, output.Contains("Ada Admin", StringComparison.Ordinal)));
        await EverythingEndedAsync(lives, now);
        Assert.DoesNotContain("Ada Admin", (await lives.Browser.GoAsync("/")).Text);
        var page = await lives.One.Flow.SignInAsync(await lives.Browser.GoAsync("/sign-in"), "admin");
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);

        Assert.Equal(0, (await CommandAsync("accounts", "enable", "admin")).ExitCode);
        page = await lives.One.Flow.SignInAsync(page, "admin");
        Assert.Contains("Ada Admin", page.Text, StringComparison.Ordinal);
        await lives.OverAsync(lives.One, lives.Other, lives.Standalone, lives.SecondBrowser);
    }

    [Theory]
    [InlineData(1, "There is no account 'nobody'", "accounts", "disable", "nobody")]
    [InlineData(2, "Usage:", "accounts", "remove", "alice")]
    [InlineData(0, "Alice Adams  enabled", "accounts", "list")]
    public async Task The_command_says_what_it_did_and_exits_with_a_code(int exitCode, string said, params string[] arguments)
    {
        var (code, output) = await CommandAsync(arguments);
        Assert.Equal(exitCode, code);
        Assert.Contains(said, output, StringComparison.Ordinal);
    }

    private async Task SessionEndedAsync(Lives lives)
    {
        await stack.Revocations.ToldAsync(lives.Before, $"sid:{lives.Session}");
        await lives.OverAsync(lives.One, lives.Other);
        await stack.ToldAsync(stack.One, lives.One.Subject, lives.Session);
        await stack.ToldAsync(stack.Other, lives.One.Subject, lives.Session);
        Assert.Contains("Alice", (await lives.SecondBrowser.Flow.Browser.GoAsync("/")).Text, StringComparison.Ordinal);
    }

    private async Task EverythingEndedAsync(Lives lives, DateTimeOffset now)
    {
        string? person = null;
        await Eventually.BeTrueAsync(
            async () => (person = (await stack.Revocations.MembersAsync()).FirstOrDefault(member => member.EndsWith(':' + lives.One.Subject, StringComparison.Ordinal))) is not null,
            "an entry for the person", cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(long.Parse(person!.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture), now.ToUnixTimeSeconds() - 60, now.ToUnixTimeSeconds() + 60);
        await stack.Revocations.ToldAsync(lives.Before, person, $"sid:{lives.Session}", $"sid:{lives.SecondSession}", lives.Standalone.Entry);
        await lives.OverAsync(lives.One, lives.Other, lives.Standalone, lives.SecondBrowser);
        await stack.ToldAsync(stack.One, lives.One.Subject, lives.Session, lives.SecondSession, null);
        await stack.ToldAsync(stack.Other, lives.One.Subject, lives.Session);
    }

    private void NobodyWasTold() => Assert.Empty(stack.One.LogoutTokens.Concat(stack.Other.LogoutTokens));

    private int ProviderNotices(string session) =>
        stack.Server.Logs.Lines.Count(line => line.Contains("Told of a logout: Provider upstream") && line.Contains(session));

    /// <summary>Makes sessions hang on sessions at a provider, as signing in through it does.</summary>
    private async Task<string> HangOnProviderAsync(params string[] sessions)
    {
        var subject = RandomId.New();
        using var scope = stack.Server.Scope();
        var protection = scope.ServiceProvider.GetRequiredService<UpstreamTokenProtection>();
        await stack.ActAsync(async (_, database) =>
        {
            foreach (var session in await database.Sessions.Where(row => sessions.Contains(row.Id)).ToListAsync(TestContext.Current.CancellationToken))
            {
                session.Upstream = new UpstreamSession
                {
                    Provider = "upstream",
                    Subject = subject,
                    Sid = "up-" + session.Id,
                    Token = protection.Wrap("its refresh token"),
                    AskedAt = stack.Server.Time.GetUtcNow(),
                    ConfirmedAt = stack.Server.Time.GetUtcNow(),
                };
            }

            await database.SaveChangesAsync(TestContext.Current.CancellationToken);
        });
        return subject;
    }

    private static IHtmlFormElement FormWith(Page page, string field, string value) =>
        page.Html.Forms.Single(form => form.Elements.OfType<IHtmlInputElement>().Any(input => input.Name == field && input.Value == value));

    private Task<(int ExitCode, string Output)> CommandAsync(params string[] arguments) => ServiceCommand.RunAsync(stack.Server, arguments);
}
