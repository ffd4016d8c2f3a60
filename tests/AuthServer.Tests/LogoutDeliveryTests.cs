using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Tests;

/// <summary>How logout tokens reach clients that are slow, away or unwilling.</summary>
public sealed class LogoutDeliveryTests : IAsyncLifetime
{
    // One for each test: what one test leaves in the outbox would be delivered in the next.
    private readonly EndingsSurroundings _stack = new();

    public ValueTask InitializeAsync() => _stack.InitializeAsync();

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    [Fact]
    public async Task A_client_that_is_in_trouble_is_asked_again_later_with_a_new_token_and_given_up_after_an_hour()
    {
        _stack.One.LogoutAnswer = context => Answer(context, StatusCodes.Status503ServiceUnavailable);
        await EndSessionAsync();
        for (var attempt = 1; attempt <= 7; attempt++)
        {
            await CountAsync(attempt);
            await Eventually.BeTrueAsync(async () => attempt == 7 || await WaitingAsync(), "the attempt is noted", cancellationToken: TestContext.Current.CancellationToken);
            _stack.Server.Time.Advance(TimeSpan.FromMinutes(40));
        }

        await _stack.Server.LoggedAsync("it did not answer for an hour");
        Assert.Equal(7, _stack.One.LogoutTokens.Distinct().Count());
        Assert.DoesNotContain(_stack.Server.Logs.Lines, line => _stack.One.LogoutTokens.Any(token => line.Contains(token, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_client_that_refuses_is_not_asked_again()
    {
        _stack.One.LogoutAnswer = context => Answer(context, StatusCodes.Status400BadRequest);
        await EndSessionAsync();
        await _stack.Server.LoggedAsync("it refused the notice");
        await _stack.ActAsync(async (_, database) => Assert.False(await database.LogoutNotices.AnyAsync(TestContext.Current.CancellationToken)));
        Assert.Single(_stack.One.LogoutTokens);
    }

    [Fact]
    public async Task A_slow_client_holds_up_no_other()
    {
        var release = new TaskCompletionSource();
        _stack.One.LogoutAnswer = _ => release.Task;
        var flow = new Flow(_stack.Server, _stack.One);
        var tokens = await flow.TokensAsync(flow.Request("openid mcp:tools"));
        var other = new Flow(_stack.Server, _stack.Other);
        other.Browser.Cookies[SessionCookie.Name] = flow.Browser.Cookies[SessionCookie.Name];
        await other.TokensAsync(other.Request("openid mcp:tools"));
        await EndAsync(tokens);
        await Eventually.BeTrueAsync(() => Task.FromResult(!_stack.Other.LogoutTokens.IsEmpty), "the other is told meanwhile", cancellationToken: TestContext.Current.CancellationToken);
        release.SetResult();
    }

    [Fact]
    public async Task A_registration_of_before_that_names_a_logout_uri_is_told_nothing()
    {
        var flow = new Flow(_stack.Server, _stack.One);
        var tokens = await flow.TokensAsync(flow.Request("openid mcp:tools"));
        await _stack.ActAsync(async (_, database) =>
        {
            var client = await database.Clients.SingleAsync(row => row.ClientId == _stack.One.Id, TestContext.Current.CancellationToken);
            var registered = client.Properties!.Replace("\"Source\":1", "\"Source\":2", StringComparison.Ordinal);
            Assert.NotEqual(registered, client.Properties);
            client.Properties = registered;
            await database.SaveChangesAsync(TestContext.Current.CancellationToken);
        });
        await EndAsync(tokens);
        await _stack.ActAsync(async (_, database) => Assert.False(await database.LogoutNotices.AnyAsync(TestContext.Current.CancellationToken)));
        Assert.Empty(_stack.One.LogoutTokens);
    }

    [Theory]
    [InlineData("http://other.example/logout", "https")]
    [InlineData("https://other.example/logout", "host of the client_id")]
    [InlineData("https://üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü.example/logout", "host")]
    [InlineData("not a url", "absolute URL")]
    public async Task A_document_with_a_logout_uri_that_may_not_be_is_refused(string uri, string said)
    {
        await using var client = await TestClient.StartAsync();
        client.Document["backchannel_logout_uri"] = uri;
        var page = await new Flow(_stack.Server, client).AuthorizeAsync();
        Assert.Contains(said, page.Text, StringComparison.Ordinal);
    }

    private static Task Answer(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private async Task EndSessionAsync()
    {
        _stack.One.LogoutTokens.Clear();
        var flow = new Flow(_stack.Server, _stack.One);
        await EndAsync(await flow.TokensAsync(flow.Request("openid mcp:tools")));
    }

    private Task EndAsync(Answer tokens) => _stack.ActAsync(async (acts, database) =>
    {
        var sid = tokens.Access.GetClaim("sid").Value;
        var session = await database.Sessions.AsNoTracking().SingleAsync(row => row.Id == sid, TestContext.Current.CancellationToken);
        await acts.EndSessionAsync(session, EndReason.SessionEnded, TestContext.Current.CancellationToken);
    });

    private Task CountAsync(int attempts) => Eventually.BeTrueAsync(
        () => Task.FromResult(_stack.One.LogoutTokens.Count == attempts), $"{attempts} attempts", cancellationToken: TestContext.Current.CancellationToken);

    private async Task<bool> WaitingAsync()
    {
        var waiting = false;
        await _stack.ActAsync(async (_, database) =>
        {
            // A claim reaches 30 seconds; the pauses here are 2 seconds or longer than a claim.
            var notice = await database.LogoutNotices.AsNoTracking().SingleAsync(TestContext.Current.CancellationToken);
            waiting = notice.NextAttemptAt != notice.CreatedAt && (notice.NextAttemptAt - _stack.Server.Time.GetUtcNow()) != TimeSpan.FromSeconds(30);
        });
        return waiting;
    }
}
