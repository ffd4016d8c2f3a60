using System.Net;
using System.Net.Sockets;

namespace McpAspire.TestKit;

/// <summary>
/// Stands between a service and its Redis, and can be frozen: connections stay, and nothing is answered any more. What
/// was sent meanwhile arrives after the thaw.
/// </summary>
public sealed class FreezableRelay : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly int _target;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource _thawed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Listens on a free loopback port.</summary>
    /// <param name="redis">The server behind it.</param>
    /// <param name="frozen">True where it begins frozen.</param>
    public FreezableRelay(RedisServer redis, bool frozen = false)
    {
        if (!frozen)
        {
            Thaw();
        }

        _target = redis.Port;
        var port = FreePort.Next();
        ConnectionString = redis.ConnectionString.Replace($":{redis.Port},", $":{port},", StringComparison.Ordinal);
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The server's connection string, by way of this relay.</summary>
    public string ConnectionString { get; }

    /// <summary>Lets nothing through any more.</summary>
    public void Freeze() => _thawed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets everything through again.</summary>
    public void Thaw() => _thawed.TrySetResult();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Thaw();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> relays = [];
        try
        {
            while (true)
            {
                relays.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(PumpAsync(client.GetStream(), server.GetStream()), PumpAsync(server.GetStream(), client.GetStream()));
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer, _stopping.Token)) > 0)
            {
                await _thawed.Task;
                await to.WriteAsync(buffer.AsMemory(0, read), _stopping.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side has hung up: so does the other.
            return;
        }
    }
}
