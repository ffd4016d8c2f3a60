using Garnet;

namespace McpAspire.TestKit;

/// <summary>
/// A Redis server in this process, over real sockets (embedded Garnet). It can be stopped and started again at the
/// same port, empty: what services see when Redis goes away and comes back.
/// </summary>
public sealed class RedisServer : IDisposable
{
    private readonly string _password = Guid.NewGuid().ToString("N");
    private GarnetServer? _server;

    /// <summary>Starts the server on a free loopback port.</summary>
    public RedisServer()
    {
        Port = FreePort.Next();
        Start();
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>A StackExchange.Redis connection string.</summary>
    public string ConnectionString => $"127.0.0.1:{Port},password={_password}";

    /// <summary>Starts the server again after <see cref="Stop"/>.</summary>
    public void Start()
    {
        _server = new GarnetServer(
        [
            "--port", $"{Port}", "--bind", "127.0.0.1", "--auth", "Password", "--password", _password, "--lua",
            "--memory", "64m", "--page", "4m", "--index", "16m", "--logger-level", "None", "-q",
        ]);
        _server.Start();
    }

    /// <summary>Stops the server: its connections break.</summary>
    public void Stop()
    {
        _server?.Dispose();
        _server = null;
    }

    /// <inheritdoc />
    public void Dispose() => Stop();
}
