using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>A Redis, an AuthServer and a client, shared by the tests of a class.</summary>
public sealed class Surroundings : IAsyncLifetime
{
    internal RedisServer Redis { get; } = new();

    internal RunningAuthServer Server { get; private set; } = null!;

    internal TestClient Client { get; private set; } = null!;

    internal Flow Flow() => new(Server, Client);

    public async ValueTask InitializeAsync()
    {
        Server = await RunningAuthServer.StartAsync(Redis.ConnectionString);
        Client = await TestClient.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
        Redis.Dispose();
    }
}
