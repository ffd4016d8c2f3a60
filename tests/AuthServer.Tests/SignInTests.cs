using System.Net;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

public sealed class SignInTests(Surroundings stack) : IClassFixture<Surroundings>
{
    private static readonly AccountLockOptions Lock = new();

    private static readonly string Refused = SignInEndpoints.Refused(Lock);

    [Fact]
    public async Task A_wrong_password_and_an_unknown_name_get_the_same_answer()
    {
        using var browser = new TestBrowser(stack.Server.Issuer);
        var wrong = await SignInAsync(browser, "bob", "wrong");
        var unknown = await SignInAsync(browser, "nobody", "wrong");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Equal(wrong.Status, unknown.Status);
        Assert.Equal(Refused, Error(wrong));
        Assert.Equal(Error(wrong), Error(unknown));
        Assert.Equal("sign-in-error", wrong.Html.QuerySelector("#password")!.GetAttribute("aria-describedby"));
        Assert.DoesNotContain(SessionCookie.Name, browser.Cookies.Keys);
    }

    [Fact]
    public async Task Who_wanted_the_account_page_gets_it_after_the_sign_in()
    {
        var flow = stack.Flow();
        var page = await flow.Browser.GoAsync("/account");
        Assert.Equal("/sign-in", page.Url.AbsolutePath);
        page = await flow.SignInAsync(page);
        Assert.Equal("/account", page.Url.AbsolutePath);
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_an_account_for_five_minutes()
    {
        using var browser = new TestBrowser(stack.Server.Issuer);
        for (var attempt = 0; attempt < Lock.After; attempt++)
        {
            Assert.Equal(Refused, Error(await SignInAsync(browser, "admin", "wrong")));
        }

        Assert.Equal(Refused, Error(await SignInAsync(browser, "admin", "admin")));
        stack.Server.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(Refused, Error(await SignInAsync(browser, "admin", "admin")));
        stack.Server.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Contains("Ada Admin", (await SignInAsync(browser, "admin", "admin")).Text);
    }

    [Fact]
    public async Task A_refusal_does_the_same_work_for_a_wrong_password_a_locked_account_and_an_unknown_name()
    {
        using var browser = new TestBrowser(stack.Server.Issuer);
        await SignInAsync(browser, "alice", "alice");
        var wrong = await WorkAsync(browser, "alice");
        for (var attempt = 1; attempt < Lock.After; attempt++)
        {
            await SignInAsync(browser, "alice", "wrong");
        }

        var locked = await WorkAsync(browser, "alice");
        var unknown = await WorkAsync(browser, "nobody");
        Assert.Equal(1, wrong.RowsWritten);
        Assert.Equal((wrong.Reads, wrong.RowsWritten), (locked.Reads, locked.RowsWritten));
        Assert.Equal((wrong.Reads, wrong.RowsWritten), (unknown.Reads, unknown.RowsWritten));
        stack.Server.Time.Advance(TimeSpan.FromMinutes(6));
    }

    [Fact]
    public async Task Parallel_guesses_get_no_more_than_five_tries()
    {
        using var locked = new TestBrowser(stack.Server.Issuer);
        await SignInAsync(locked, "bob", "bob");
        var before = WrongPasswordsOf(BobId());
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            using var browser = new TestBrowser(stack.Server.Issuer);
            await SignInAsync(browser, "bob", "guess");
        }));
        Assert.Equal(Refused, Error(await SignInAsync(locked, "bob", "bob")));
        Assert.Equal(Lock.After, WrongPasswordsOf(BobId()) - before);
        stack.Server.Time.Advance(TimeSpan.FromMinutes(6));
    }

    [Fact]
    public async Task A_tampered_cookie_is_nobody()
    {
        using var browser = new TestBrowser(stack.Server.Issuer);
        await SignInAsync(browser, "alice", "alice");
        var cookie = browser.Cookies[SessionCookie.Name];
        browser.Cookies[SessionCookie.Name] = cookie[..20] + (cookie[20] == 'A' ? 'B' : 'A') + cookie[21..];
        Assert.DoesNotContain("Alice", (await browser.GoAsync("/")).Text);
    }

    [Fact]
    public async Task The_cookie_is_over_after_12_hours_without_use()
    {
        using var browser = new TestBrowser(stack.Server.Issuer);
        await SignInAsync(browser, "alice", "alice");
        stack.Server.Time.Advance(TimeSpan.FromHours(11));
        Assert.Contains("Alice", (await browser.GoAsync("/")).Text);
        stack.Server.Time.Advance(TimeSpan.FromHours(11));
        Assert.Contains("Alice", (await browser.GoAsync("/")).Text);
        stack.Server.Time.Advance(TimeSpan.FromHours(13));
        Assert.DoesNotContain("Alice", (await browser.GoAsync("/")).Text);
    }

    [Fact]
    public async Task A_form_from_another_origin_or_without_its_token_is_refused()
    {
        using var browser = new TestBrowser(stack.Server.Issuer);
        var page = await browser.GoAsync("/sign-in");
        browser.Origin = "https://evil.example";
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SubmitAsync(page, new() { ["username"] = "alice", ["password"] = "alice" })).Status);

        browser.Origin = null;
        page = await browser.SubmitAsync(page, new() { ["username"] = "alice", ["password"] = "alice", [FormProtection.FieldName] = "forged" });
        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.DoesNotContain(SessionCookie.Name, browser.Cookies.Keys);
    }

    [Theory]
    [InlineData("/Sign-In")]
    [InlineData("/sign-in/")]
    [InlineData("/CONSENT")]
    [InlineData("/sign-out/")]
    public async Task A_form_from_another_origin_is_refused_however_its_path_is_spelt(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent([]), Headers = { { "Origin", "https://evil.example" } } };
        Assert.Equal(HttpStatusCode.Forbidden, (await stack.Server.Client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/consent")]
    [InlineData("/sign-out")]
    public async Task What_is_no_form_is_a_bad_request(string path)
    {
        using var json = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        var response = await stack.Server.Client.PostAsync(path, json, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.BadRequest, "text/html"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task The_form_cookie_is_Lax_so_that_it_comes_along_from_the_application()
    {
        var page = await stack.Flow().Browser.GoAsync("/sign-in");
        Assert.Contains(page.Response.Headers.GetValues("Set-Cookie"), cookie =>
            cookie.StartsWith(FormProtection.CookieName, StringComparison.Ordinal) && cookie.Contains("samesite=lax", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Signing_in_as_another_person_starts_a_new_session()
    {
        using var browser = new TestBrowser(stack.Server.Issuer);
        await SignInAsync(browser, "alice", "alice");
        Assert.Contains("Bob Brown", (await SignInAsync(browser, "bob", "bob")).Text);
    }

    private static async Task<Page> SignInAsync(TestBrowser browser, string userName, string password) =>
        await browser.SubmitAsync(await browser.GoAsync("/sign-in"), new() { ["username"] = userName, ["password"] = password });

    private static string? Error(Page page) => page.Html.QuerySelector("[data-testid=sign-in-error]")?.TextContent;

    /// <summary>What a refused sign-in did in the database: selects, and writes that changed a row.</summary>
    private async Task<(int Reads, int RowsWritten)> WorkAsync(TestBrowser browser, string userName)
    {
        var page = await browser.GoAsync("/sign-in");
        var before = stack.Server.Logs.Lines.Count;
        await browser.SubmitAsync(page, new() { ["username"] = userName, ["password"] = "wrong" });
        var commands = stack.Server.Logs.Lines.Skip(before).Where(line => line.Contains("Executed DbCommand", StringComparison.Ordinal) && !line.Contains("\"Revocations\"", StringComparison.Ordinal) && !line.Contains("\"LogoutNotices\"", StringComparison.Ordinal)).ToArray();
        var written = commands.Count(line => line.Contains("UPDATE \"Settings\"", StringComparison.Ordinal))
            + (stack.Server.Logs.Lines.Skip(before).Any(line => line.Contains("Sign-in refused: wrong password", StringComparison.Ordinal)) ? 1 : 0);
        return (commands.Count(line => line.Contains("SELECT", StringComparison.Ordinal)), written);
    }

    private int WrongPasswordsOf(string account) =>
        stack.Server.Logs.Lines.Count(line => line.Contains("Sign-in refused: wrong password") && line.Contains(account));

    private string BobId()
    {
        using var scope = stack.Server.Scope();
        return ((Storage.AuthDbContext)scope.ServiceProvider.GetService(typeof(Storage.AuthDbContext))!).Accounts.Single(account => account.UserName == "bob").Id;
    }
}
