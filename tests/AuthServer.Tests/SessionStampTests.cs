using System.Net;
using System.Security.Claims;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace McpAspire.AuthServer.Tests;

/// <summary>A session has one cookie that is good: the one that was made last.</summary>
public sealed class SessionStampTests(Surroundings stack) : IClassFixture<Surroundings>
{
    [Fact]
    public async Task A_copy_of_the_cookie_is_nobody_once_the_person_has_signed_in_again()
    {
        var flow = await SignedInAsync();
        using var thief = flow.Browser.Copy();
        var request = flow.Request("mcp:tools");
        request["prompt"] = "login";
        stack.Server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("/sign-in", (await thief.GoAsync(Flow.AuthorizeUrl(request))).Url.AbsolutePath);
        var waiting = thief.History.Last(url => url.AbsolutePath == "/connect/authorize").PathAndQuery;

        stack.Server.Time.Advance(TimeSpan.FromSeconds(2));
        await flow.SignInAsync(await flow.Browser.GoAsync("/sign-in"));

        // Else the thief would be asked for consent, as the person who has just proved who they are.
        Assert.Equal("/sign-in", (await thief.GoAsync(waiting)).Url.AbsolutePath);
        Assert.Equal("/sign-in", (await thief.GoAsync("/account")).Url.AbsolutePath);
        Assert.Equal("/account", (await flow.Browser.GoAsync("/account")).Url.AbsolutePath);
    }

    [Fact]
    public async Task A_copy_of_the_cookie_is_nobody_once_the_password_is_new()
    {
        await using var server = await RunningAuthServer.StartAsync(stack.Redis.ConnectionString);
        var flow = new Flow(server, stack.Client);
        var before = (await flow.TokensAsync()).Access.GetClaim("sid").Value;
        using var thief = flow.Browser.Copy();
        var page = await flow.Browser.GoAsync("/account/password");
        await flow.Browser.SubmitAsync(page, new() { ["current"] = "alice", ["new"] = "some new words", ["again"] = "some new words" });

        Assert.Equal("/sign-in", (await thief.GoAsync("/account")).Url.AbsolutePath);
        Assert.Equal("/account", (await flow.Browser.GoAsync("/account")).Url.AbsolutePath);
        Assert.Equal(before, (await flow.TokensAsync()).Access.GetClaim("sid").Value);
    }

    [Fact]
    public async Task Signing_in_in_two_tabs_at_once_keeps_the_session()
    {
        var flow = stack.Flow();
        var before = (await flow.TokensAsync()).Access.GetClaim("sid").Value;
        var form = await flow.Browser.GoAsync("/sign-in");
        using var otherTab = flow.Browser.Copy();
        await flow.SignInAsync(form);
        await otherTab.SubmitAsync(form, new() { ["username"] = "alice", ["password"] = "alice" });

        // The browser has one jar, and the answer that came last is in it.
        flow.Browser.Cookies[SessionCookie.Name] = otherTab.Cookies[SessionCookie.Name];
        Assert.Equal(before, (await flow.TokensAsync()).Access.GetClaim("sid").Value);
    }

    [Fact]
    public async Task A_request_with_a_former_cookie_takes_the_new_one_from_nobody()
    {
        var flow = await SignedInAsync();
        using var inFlight = flow.Browser.Copy();
        // More than half of its life is over: the good one is written anew with the next request.
        stack.Server.Time.Advance(TimeSpan.FromHours(7));
        await flow.SignInAsync(await flow.Browser.GoAsync("/sign-in"));
        foreach (var path in new[] { "/", "/account", "/sign-out" })
        {
            var page = await inFlight.GoAsync(path);
            Assert.Null(page.Html.QuerySelector("[data-testid=signed-in],[data-testid=who],[data-testid=sign-out]"));
            Assert.False(page.Response.Headers.TryGetValues("Set-Cookie", out var set) && set.Any(cookie => cookie.StartsWith(SessionCookie.Name, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_form_that_was_open_before_the_new_sign_in_is_taken()
    {
        var flow = await SignedInAsync();
        var open = await flow.Browser.GoAsync("/sign-out");
        await flow.SignInAsync(await flow.Browser.GoAsync("/sign-in"));
        Assert.Equal("/signed-out", (await flow.Browser.SubmitAsync(open, [])).Url.AbsolutePath);
        Assert.Equal("/sign-in", (await flow.Browser.GoAsync("/account")).Url.AbsolutePath);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Without_a_stamp_nobody_is_signed_in_also_where_the_session_has_none(string? stamp)
    {
        var flow = stack.Flow();
        var sid = (await flow.TokensAsync()).Access.GetClaim("sid").Value;
        using var scope = stack.Server.Scope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var session = database.Sessions.Single(row => row.Id == sid);
        session.Stamp = string.Empty;
        await database.SaveChangesAsync(TestContext.Current.CancellationToken);

        var properties = new AuthenticationProperties { ExpiresUtc = stack.Server.Time.GetUtcNow().AddHours(12) };
        if (stamp is not null)
        {
            properties.Items["stamp"] = stamp;
        }

        var scheme = CookieAuthenticationDefaults.AuthenticationScheme;
        var format = scope.ServiceProvider.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(scheme).TicketDataFormat;
        var person = new ClaimsPrincipal(new ClaimsIdentity([new Claim(SessionCookie.SidClaim, session.Id)], scheme));
        flow.Browser.Cookies[SessionCookie.Name] = format.Protect(new AuthenticationTicket(person, properties, scheme));
        Assert.Equal("/sign-in", (await flow.Browser.GoAsync("/account")).Url.AbsolutePath);

        // Signing in goes on with it.
        Assert.Equal(HttpStatusCode.OK, (await flow.SignInAsync(await flow.Browser.GoAsync("/sign-in"))).Status);
        Assert.Equal(session.Id, (await flow.TokensAsync()).Access.GetClaim("sid").Value);
    }

    private async Task<Flow> SignedInAsync()
    {
        var flow = stack.Flow();
        await flow.SignInAsync(await flow.Browser.GoAsync("/sign-in"));
        return flow;
    }
}
