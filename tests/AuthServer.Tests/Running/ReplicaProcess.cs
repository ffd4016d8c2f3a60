using System.Net.Sockets;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>
/// AuthServer in a process of its own, one of several of one issuer. What asks for the issuer's URLs through it reaches this
/// one, as if a load balancer had chosen it.
/// </summary>
internal sealed class ReplicaProcess : IAuthServer, IAsyncDisposable
{
    private readonly ServiceProcess _process;
    private readonly int _port;

    private ReplicaProcess(ServiceProcess process, string issuer)
    {
        _process = process;
        _port = new Uri(process.Url).Port;
        Issuer = issuer;
        Client = new HttpClient(NewHandler()) { BaseAddress = new Uri(issuer) };
    }

    public string Issuer { get; }

    public string Folder { get; private init; } = null!;

    public string Database { get; private init; } = null!;

    public string Redis { get; private init; } = null!;

    public TimeProvider Time => TimeProvider.System;

    public HttpClient Client { get; }

    internal IReadOnlyCollection<string> Output => _process.Output;

    /// <param name="issuer">The public URL of all replicas.</param>
    /// <param name="port">The port that this one listens on.</param>
    /// <param name="redis">The Redis of all.</param>
    /// <param name="database">The database of all.</param>
    /// <param name="folder">A data folder, in which nothing comes to be.</param>
    internal static async Task<ReplicaProcess> StartAsync(string issuer, int port, string redis, string database, string folder)
    {
        var process = await ServiceProcess.StartAsync(
            "AuthServer", port,
            [
                ("PublicUrl", issuer), ("DataFolder", folder), ("ConnectionStrings:sessions", redis), ("ConnectionStrings:accounts", database),
                ("DataProtection:WrappingKey", RunningAuthServer.WrappingKey), ("Resources:0:Uri", RunningAuthServer.Resource),
                ("ClientDocuments:AttemptsPerSource", "100000"), ("StoredRequests:PerMinute", "100000"),
                ("Logging:LogLevel:Microsoft.EntityFrameworkCore.Migrations", "Information"),
            ],
            TestContext.Current.CancellationToken);
        return new ReplicaProcess(process, issuer) { Folder = folder, Database = database, Redis = redis };
    }

    public SocketsHttpHandler NewHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync("localhost", _port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _process.DisposeAsync();
    }
}
