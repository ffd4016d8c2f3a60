using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>Two AuthServer processes of one issuer on one PostgreSQL and one Redis, both started at once on the empty database.</summary>
public sealed class TwoReplicas : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("authserver-tests-").FullName;
    private ReplicaProcess[] _replicas = [];

    internal RedisServer Redis { get; } = new();

    internal string Database { get; private set; } = null!;

    internal TestClient Client { get; private set; } = null!;

    internal ReplicaProcess One => _replicas[0];

    internal ReplicaProcess Other => _replicas[1];

    internal IReadOnlyList<ReplicaProcess> Both => _replicas;

    internal static void SkipWhereMissing() => Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");

    internal Flow At(ReplicaProcess replica) => new(replica, Client);

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.Missing is null)
        {
            Client = await TestClient.StartAsync();
            Database = await PostgresServer.NewDatabaseAsync();
            int[] ports = [FreePort.Next(), FreePort.Next()];
            _replicas = await Task.WhenAll(ports.Select(port =>
                ReplicaProcess.StartAsync($"http://localhost:{ports[0]}", port, Redis.ConnectionString, Database, _folder)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        await (Client?.DisposeAsync() ?? default);
        Redis.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
