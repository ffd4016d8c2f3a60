using System.Net;
using McpAspire.McpServer.Tests.Stack;
using McpAspire.ServiceDefaults.Revocation;
using McpAspire.TestKit;

namespace McpAspire.McpServer.Tests.Revocation;

/// <summary>A call that runs ends with its token, with an error of the protocol in its stream.</summary>
public sealed class OpenCallTests : IAsyncLifetime
{
    private readonly RevocationHost _host = new();

    public ValueTask InitializeAsync() => _host.InitializeAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(McpRequests.Latest)]
    [InlineData("2025-11-25")]
    public async Task A_running_call_ends_when_its_token_is_revoked(string revision)
    {
        var call = await StartAsync("wait", revision);
        await _host.PublishAsync(_host.Entry(RevokedKind.Grant, "another").Message);
        await _host.PublishAsync(_host.Entry(RevokedKind.Grant, "running").Message);
        await AssertEndedAsync(call, "was ended while it ran");
        await _host.LongRuns.Cancelled.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(McpRequests.Latest)]
    [InlineData("2025-11-25")]
    public async Task A_running_call_ends_when_its_token_expires(string revision)
    {
        var call = await StartAsync("wait", revision);
        _host.Time.Advance(TimeSpan.FromSeconds(329));
        Assert.False(_host.LongRuns.Cancelled.Task.IsCompleted);
        _host.Time.Advance(TimeSpan.FromSeconds(2));
        await AssertEndedAsync(call, "expired while it ran");
        await _host.LongRuns.Cancelled.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_call_that_heeds_no_cancellation_is_answered_all_the_same()
    {
        var call = await StartAsync("wait_regardless", McpRequests.Latest);
        await _host.RevokeAsync(RevokedKind.Grant, "running");
        await AssertEndedAsync(call, "was ended while it ran");
        _host.LongRuns.Released.SetResult();
    }

    [Fact]
    public async Task A_client_that_goes_away_cancels_its_call_as_ever()
    {
        using (var gone = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken))
        {
            var call = _host.Http.SendAsync(McpRequests.Call("wait", token: Token()), gone.Token);
            await _host.LongRuns.Started.Task.WaitAsync(TestContext.Current.CancellationToken);
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        await _host.LongRuns.Cancelled.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_stream_for_GET_is_not_to_be_had()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/mcp");
        request.Headers.Authorization = new("Bearer", Token());
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await _host.SendAsync(request);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    private string Token() => _host.Token(jwt => jwt.Payload["grant_id"] = "running");

    /// <summary>Calls a tool that runs long, and returns once it runs.</summary>
    private async Task<Task<HttpResponseMessage>> StartAsync(string tool, string revision)
    {
        var request = revision == McpRequests.Latest
            ? McpRequests.Call(tool, token: Token())
            : McpRequests.Raw($$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{tool}}}"}}""", Token());
        if (revision != McpRequests.Latest)
        {
            request.Headers.Add("MCP-Protocol-Version", revision);
        }

        var call = _host.SendAsync(request);
        await _host.LongRuns.Started.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(call.IsCompleted);
        return call;
    }

    private async Task AssertEndedAsync(Task<HttpResponseMessage> call, string reason)
    {
        using var response = await call;
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var error = (await response.JsonAsync())["error"];
        Assert.Equal(-32600, (int?)error?["code"]);
        Assert.Contains(reason, (string?)error?["message"], StringComparison.Ordinal);
        await Eventually.BeTrueAsync(
            () => Task.FromResult(_host.Logs.Lines.Any(line => line.Contains("ended with its token", StringComparison.Ordinal))),
            "audited", cancellationToken: TestContext.Current.CancellationToken);
    }
}
