using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>An AuthServer whose one provider is a <see cref="LyingProvider"/> that begins honest; one for each test.</summary>
internal sealed class SignInAtLiar : IAsyncDisposable
{
    private readonly RedisServer _redis;
    private readonly (string Key, string Value)[] _settings;

    private SignInAtLiar(RedisServer redis, LyingProvider provider, RunningAuthServer server, TestClient client, (string Key, string Value)[] settings)
    {
        (_redis, Provider, Server, Client, _settings) = (redis, provider, server, client, settings);
    }

    internal LyingProvider Provider { get; }

    internal RunningAuthServer Server { get; }

    internal TestClient Client { get; }

    internal RedisServer Redis => _redis;

    internal static async Task<SignInAtLiar> StartAsync(string trail = "", params (string Key, string Value)[] settings)
    {
        var time = TestClock.New();
        var redis = new RedisServer();
        var provider = new LyingProvider(time, trail);
        await provider.StartAsync();
        var client = await TestClient.StartAsync();
        (string, string)[] all =
        [
            ("SignIn:Providers:liar:Type", "Keycloak"), ("SignIn:Providers:liar:Name", "The liar"),
            ("SignIn:Providers:liar:Issuer", provider.Issuer), ("SignIn:Providers:liar:ClientId", "the-client"), .. settings,
        ];
        var server = await RunningAuthServer.StartAsync(redis.ConnectionString, time: time, settings: all);
        return new SignInAtLiar(redis, provider, server, client, all);
    }

    /// <summary>A second AuthServer of the same issuer, on the same database, Redis and clock.</summary>
    internal Task<RunningAuthServer> StartSecondAsync() =>
        RunningAuthServer.StartAsync(_redis.ConnectionString, Server.Port, FreePort.Next(), Server.Folder, Server.Time, settings: _settings);

    internal Flow Flow()
    {
        var flow = new Flow(Server, Client);
        flow.Browser.Visits.Add(Provider.Origin);
        return flow;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Client.DisposeAsync();
        await Provider.DisposeAsync();
        _redis.Dispose();
    }
}
