using System.Text;
using System.Text.Json.Nodes;
using McpAspire.ClientWeb.Mcp;
using McpAspire.ClientWeb.Sessions;
using McpAspire.ClientWeb.Tests.Fakes;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpAspire.ClientWeb.Tests.Calling;

/// <summary>What a page that is open does, against a real MCP server.</summary>
public sealed class CallingTests : IAsyncLifetime
{
    private static readonly Progress<ProgressNotificationValue> NoProgress = new();

    private readonly World _world = new();

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Tools_are_listed_and_called()
    {
        await using var page = await OpenPageAsync();

        var tools = await page.ListAsync(Cancellation);
        var result = await EchoAsync(page, "hello");

        Assert.Contains(tools, tool => tool is { Name: "secure_echo", Title: "Secure echo" });
        Assert.Equal("hello", result.StructuredContent!.Value.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_tool_that_fails_says_so_in_its_result()
    {
        await using var page = await OpenPageAsync();

        var result = await page.CallAsync("fail", [], NoProgress, Cancellation);

        Assert.True(result.IsError);
        Assert.Contains("The kettle is empty.", Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_is_unknown_is_an_error_of_the_protocol()
    {
        await using var page = await OpenPageAsync();

        var failure = await FailureOfAsync(() => page.CallAsync("nothing", [], NoProgress, Cancellation));

        Assert.Contains("-32602", failure.Title, StringComparison.Ordinal);
        Assert.False(failure.Passing);
    }

    [Fact]
    public async Task A_call_can_be_cancelled()
    {
        await using var page = await OpenPageAsync();
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var reported = new TaskCompletionSource<string?>();
        var call = page.CallAsync("slow", [], new Reporting(value => reported.TrySetResult(value.Message)), cancelling.Token);
        Assert.Equal("a quarter", await reported.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation));

        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await EchoAsync(page, "still usable");
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_given_up()
    {
        await using var host = new ClientWebHost(_world.McpServer.Url, _world.Redis.ConnectionString, FreePort.Next(), _world.ClientWeb.Url)
            .Started(("Mcp:CallTimeout", "00:00:01"));
        using var browser = await _world.SignInAsync();
        await using var page = host.OpenPage(_world.SessionKeyOf(browser));

        var failure = await FailureOfAsync(() => page.CallAsync("slow", [], NoProgress, Cancellation));

        Assert.Equal("No answer in time", failure.Title);
    }

    [Fact]
    public async Task A_server_that_is_down_is_said_to_be_and_found_again()
    {
        await using var page = await OpenPageAsync();
        await page.ListAsync(Cancellation);

        await _world.McpServer.StopAsync();
        var failure = await FailureOfAsync(() => EchoAsync(page, "x"));
        Assert.Equal("The MCP server does not answer", failure.Title);
        Assert.True(failure.Passing);

        await _world.McpServer.StartAsync();
        await page.ListAsync(Cancellation);
        await EchoAsync(page, "back");
    }

    [Fact]
    public async Task A_store_that_is_away_is_said_to_be_and_found_again()
    {
        await using var page = await OpenPageAsync();
        using var browser = await _world.SignInAsync();
        await page.ListAsync(Cancellation);

        _world.Redis.Stop();
        var failure = await FailureOfAsync(() => EchoAsync(page, "x"));
        Assert.Equal("The sign-in store is away", failure.Title);
        await browser.OpenAsync("/");
        Assert.Equal(503, (int)browser.Status);
        Assert.Contains("You are not signed out", browser.Text, StringComparison.Ordinal);

        // TestKit's Redis comes back empty: the answer is now that nobody is signed in, which is an answer.
        _world.Redis.Start();
        await Eventually.BeTrueAsync(
            async () =>
            {
                await browser.OpenAsync("/");
                return (int)browser.Status == 200;
            },
            "the page comes back", TimeSpan.FromMinutes(1), cancellationToken: Cancellation);
        using var again = await _world.SignInAsync();
    }

    [Theory]
    [InlineData("Bearer error=\"insufficient_scope\", scope=\"mcp:tools notes:write\"", "mcp:tools notes:write")]
    [InlineData("Bearer error=\"invalid_request\", error_description=\"Not on Sundays\"", "Not on Sundays")]
    public async Task A_403_is_shown_as_what_it_is(string challenge, string said)
    {
        _world.McpServer.Instead = context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.Headers.WWWAuthenticate = challenge;
            return Task.CompletedTask;
        };
        await using var page = await OpenPageAsync();

        var failure = await FailureOfAsync(() => EchoAsync(page, "x"));

        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_429_asks_to_wait()
    {
        _world.McpServer.Instead = context =>
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return Task.CompletedTask;
        };
        await using var page = await OpenPageAsync();

        var failure = await FailureOfAsync(() => EchoAsync(page, "x"));

        Assert.Equal("Too many calls", failure.Title);
    }

    [Fact]
    public async Task An_answer_that_is_not_mcp_is_a_failure_and_no_crash()
    {
        _world.McpServer.Instead = context => context.Response.WriteAsync("<p>hello</p>");
        await using var page = await OpenPageAsync();

        await FailureOfAsync(() => EchoAsync(page, "x"));
    }

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("application/json", false)]
    [InlineData("text/event-stream", false)]
    public async Task An_answer_over_4_megabytes_is_said_to_be(string type, bool withLength)
    {
        await using var page = await OpenPageAsync();
        await page.ListAsync(Cancellation);
        _world.McpServer.Instead = context =>
        {
            var body = Encoding.UTF8.GetBytes("data: " + new string('x', AnswerLimit.MaxBytes));
            context.Response.ContentType = type;
            context.Response.ContentLength = withLength ? body.Length : null;
            return context.Response.Body.WriteAsync(body, 0, body.Length);
        };

        var failure = await FailureOfAsync(() => EchoAsync(page, "x"));

        Assert.Equal("The server's answer is larger than 4 MB.", failure.Message);
        Assert.False(failure.Passing);
    }

    [Fact]
    public async Task An_answer_of_almost_4_megabytes_is_taken()
    {
        await using var page = await OpenPageAsync();
        var message = new string('x', (AnswerLimit.MaxBytes / 2) - 4096);

        // The tool gives it back twice: as text and as structured content.
        var result = await EchoAsync(page, message);

        Assert.Equal(message, result.StructuredContent!.Value.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_session_that_was_signed_out_calls_nothing()
    {
        using var browser = await _world.SignInAsync();
        await using var page = _world.ClientWeb.OpenPage(_world.SessionKeyOf(browser));
        await page.ListAsync(Cancellation);

        await browser.SubmitAsync("/signout");

        await Assert.ThrowsAsync<SignedOutException>(() => EchoAsync(page, "x"));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<CallToolResult> EchoAsync(HomeTools page, string message) =>
        page.CallAsync("secure_echo", new JsonObject { ["message"] = message }, NoProgress, Cancellation);

    private static async Task<CallFailure> FailureOfAsync(Func<Task> call) =>
        (await Assert.ThrowsAsync<CallFailedException>(call)).Failure;

    private async Task<HomeTools> OpenPageAsync()
    {
        using var browser = await _world.SignInAsync();
        return _world.ClientWeb.OpenPage(_world.SessionKeyOf(browser));
    }

    private sealed class Reporting(Action<ProgressNotificationValue> report) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value) => report(value);
    }
}
