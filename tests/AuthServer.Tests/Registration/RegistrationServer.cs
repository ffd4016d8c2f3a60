using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Registration;

/// <summary>A server with nothing but the usual settings, and its Redis.</summary>
public sealed class RegistrationServer : IAsyncLifetime
{
    private RunningAuthServer? _server;

    internal RedisServer Redis { get; } = new();

    internal RunningAuthServer Server => _server ?? throw new InvalidOperationException("It was not started.");

    public async ValueTask InitializeAsync() => await StartAsync();

    /// <summary>Starts a new one, with more settings.</summary>
    internal async Task StartAsync(params (string Key, string Value)[] settings)
    {
        await StopAsync();
        _server = await RunningAuthServer.StartAsync(Redis.ConnectionString, settings: settings);
    }

    /// <summary>Begins a minute in which nothing was registered yet.</summary>
    internal void BeginMinute() => _server?.Time.Advance(TimeSpan.FromMinutes(1));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Redis.Dispose();
    }

    private async Task StopAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
