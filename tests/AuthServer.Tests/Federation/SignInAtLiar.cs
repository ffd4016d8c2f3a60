using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>An AuthServer whose one provider is a <see cref="LyingProvider"/> that begins honest; one for each test.</summary>
internal sealed class SignInAtLiar : IAsyncDisposable
{
    private readonly RedisServer _redis;

    private SignInAtLiar(RedisServer redis, LyingProvider provider, RunningAuthServer server, TestClient client)
    {
        (_redis, Provider, Server, Client) = (redis, provider, server, client);
    }

    internal LyingProvider Provider { get; }

    internal RunningAuthServer Server { get; }

    internal TestClient Client { get; }

    internal RedisServer Redis => _redis;

    internal static async Task<SignInAtLiar> StartAsync(string trail = "", params (string Key, string Value)[] settings)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var redis = new RedisServer();
        var provider = new LyingProvider(time, trail);
        await provider.StartAsync();
        var client = await TestClient.StartAsync();
        var server = await RunningAuthServer.StartAsync(
            redis.ConnectionString, time: time,
            settings: [
                ("SignIn:Providers:liar:Type", "Keycloak"), ("SignIn:Providers:liar:Name", "The liar"),
                ("SignIn:Providers:liar:Issuer", provider.Issuer), ("SignIn:Providers:liar:ClientId", "the-client"), .. settings,
            ]);
        return new SignInAtLiar(redis, provider, server, client);
    }

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
