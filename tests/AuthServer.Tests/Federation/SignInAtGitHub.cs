using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>An AuthServer whose one provider is a <see cref="GitHubDouble"/>; one for each test.</summary>
internal sealed class SignInAtGitHub : IAsyncDisposable
{
    private readonly RedisServer _redis;

    private SignInAtGitHub(RedisServer redis, GitHubDouble gitHub, RunningAuthServer server, TestClient client)
    {
        (_redis, GitHub, Server, Client) = (redis, gitHub, server, client);
    }

    internal GitHubDouble GitHub { get; }

    internal RunningAuthServer Server { get; }

    internal TestClient Client { get; }

    internal static async Task<SignInAtGitHub> StartAsync(params (string Key, string Value)[] settings)
    {
        var redis = new RedisServer();
        var gitHub = new GitHubDouble();
        await gitHub.StartAsync();
        var client = await TestClient.StartAsync();
        var server = await RunningAuthServer.StartAsync(
            redis.ConnectionString,
            settings: [
                ("SignIn:Providers:github:ClientId", GitHubDouble.ClientId), ("SignIn:Providers:github:ClientSecret", GitHubDouble.ClientSecret),
                ("SignIn:Providers:github:AuthorizationEndpoint", $"{gitHub.Origin}/login/oauth/authorize"),
                ("SignIn:Providers:github:TokenEndpoint", $"{gitHub.Origin}/login/oauth/access_token"),
                ("SignIn:Providers:github:UserEndpoint", $"{gitHub.Origin}/user"), .. settings,
            ]);
        return new SignInAtGitHub(redis, gitHub, server, client);
    }

    internal Flow Flow()
    {
        var flow = new Flow(Server, Client);
        flow.Browser.Visits.Add(GitHub.Origin);
        return flow;
    }

    /// <summary>The one account that sign-ins made, and who it is at GitHub.</summary>
    internal (Account Account, Link Link) Person()
    {
        using var scope = Server.Scope();
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var link = Assert.Single(database.Links);
        return (database.Accounts.Single(account => account.Id == link.AccountId), link);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Client.DisposeAsync();
        await GitHub.DisposeAsync();
        _redis.Dispose();
    }
}
