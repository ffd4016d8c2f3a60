using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>A Redis, an AuthServer and a client, shared by the tests of a class.</summary>
public class Surroundings : IAsyncLifetime
{
    internal RedisServer Redis { get; } = new();

    internal RunningAuthServer Server { get; private set; } = null!;

    internal TestClient Client { get; private set; } = null!;

    /// <summary>Why they can't be had on this machine; null where they can.</summary>
    private protected virtual string? Missing => null;

    internal Flow Flow() => new(Server, Client);

    internal void SkipWhereMissing() => Assert.SkipWhen(Missing is not null, Missing ?? "");

    public async ValueTask InitializeAsync()
    {
        if (Missing is null)
        {
            Server = await RunningAuthServer.StartAsync(Redis.ConnectionString, database: await DatabaseAsync());
            Client = await TestClient.StartAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Missing is null)
        {
            await Client.DisposeAsync();
            await Server.DisposeAsync();
        }

        Redis.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected virtual Task<string?> DatabaseAsync() => Task.FromResult<string?>(null);
}

/// <summary>The same on PostgreSQL.</summary>
public sealed class PostgresSurroundings : Surroundings
{
    private protected override string? Missing => PostgresServer.Missing;

    private protected override async Task<string?> DatabaseAsync() => await PostgresServer.NewDatabaseAsync();
}
