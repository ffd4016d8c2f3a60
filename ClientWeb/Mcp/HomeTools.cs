using System.Text.Json;
using System.Text.Json.Nodes;
using McpAspire.ClientWeb.Sessions;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpAspire.ClientWeb.Mcp;

/// <summary>The home server's tools for the person of one open page (a circuit).</summary>
internal sealed class HomeTools(
    HomeConnection connection, AuthenticationStateProvider authentication, IOptions<McpOptions> options, TimeProvider time) : IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1);
    private McpClient? _client;

    /// <summary>The tools that the server lists.</summary>
    /// <exception cref="SignedOutException">The session has ended.</exception>
    /// <exception cref="CallFailedException">It failed otherwise.</exception>
    public Task<IReadOnlyList<Tool>> ListAsync(CancellationToken cancellationToken) =>
        RunAsync<IReadOnlyList<Tool>>(
            async (client, ct) => [.. (await client.ListToolsAsync(cancellationToken: ct)).Select(tool => tool.ProtocolTool)],
            cancellationToken);

    /// <summary>Calls a tool. A tool that fails says so in its result; that is no exception.</summary>
    /// <exception cref="SignedOutException">The session has ended.</exception>
    /// <exception cref="CallFailedException">It failed otherwise.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public Task<CallToolResult> CallAsync(
        string tool, JsonObject arguments, IProgress<ProgressNotificationValue> progress, CancellationToken cancellationToken)
    {
        var members = arguments.ToDictionary(member => member.Key, member => (object?)JsonSerializer.SerializeToElement(member.Value));
        return RunAsync(
            async (client, ct) => await client.CallToolAsync(tool, members, progress, cancellationToken: ct),
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await ForgetClientAsync();
        _opening.Dispose();
    }

    private async Task<T> RunAsync<T>(Func<McpClient, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var limit = options.Value.CallTimeout;
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await call(await OpenAsync(either.Token), either.Token);
        }
        catch (SignedOutException)
        {
            throw;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            if (exception is not McpProtocolException)
            {
                // Whatever state the client is in, the next call starts afresh.
                await ForgetClientAsync();
            }

            throw new CallFailedException(
                timeout.IsCancellationRequested ? CallFailure.TimedOut(connection.ServerHost, limit) : CallFailure.From(exception, connection.ServerHost),
                exception);
        }
    }

    private async Task<McpClient> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_client is null)
            {
                var user = (await authentication.GetAuthenticationStateAsync()).User;
                _client = await connection.OpenAsync(user.SessionKey() ?? throw new SignedOutException(), cancellationToken);
            }

            return _client;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task ForgetClientAsync()
    {
        if (Interlocked.Exchange(ref _client, null) is { } client)
        {
            await client.DisposeAsync();
        }
    }
}
