using System.Net;
using System.Net.Sockets;
using McpAspire.TestKit;

namespace McpAspire.McpServer.Tests.Stack;

/// <summary>Stands between a service and its Redis, and can freeze: connections stay, and nothing comes through.</summary>
internal sealed class RedisRelay : IDisposable
{
    private readonly TcpListener _listener;
    private readonly int _target;
    private readonly CancellationTokenSource _end = new();
    private volatile TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RedisRelay(int target, bool frozen)
    {
        _target = target;
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        if (!frozen)
        {
            Thaw();
        }

        _ = AcceptAsync();
    }

    public int Port { get; } = FreePort.Next();

    public void Freeze() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Thaw() => _open.TrySetResult();

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = RelayAsync(await _listener.AcceptTcpClientAsync(_end.Token), _end.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(TcpClient client, CancellationToken end)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target, end);
            await Task.WhenAny(CopyAsync(near.GetStream(), far.GetStream(), end), CopyAsync(far.GetStream(), near.GetStream(), end));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // Nobody is there: the service sees its connection break.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, CancellationToken end)
    {
        try
        {
            var buffer = new byte[16 * 1024];
            while (await from.ReadAsync(buffer, end) is > 0 and var read)
            {
                await _open.Task.WaitAsync(end);
                await to.WriteAsync(buffer.AsMemory(0, read), end);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // One side went.
        }
    }
}
