using System.Net;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests;

/// <summary>Configured clients are known for a second: what another process made of them holds here soon after, without a restart.</summary>
public sealed class ConfiguredClientRowTests : IDisposable
{
    private const string Secret = "the secret of a service, 32 characters";
    private const string Later = "the later secret of it, 32 characters";

    private readonly RedisServer _redis = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("authserver-tests-").FullName;

    [Fact]
    public async Task What_another_process_made_of_a_client_holds_within_a_second()
    {
        await using var here = await RunningAuthServer.StartAsync(_redis.ConnectionString, folder: _folder, settings: Client(Secret));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(here, Secret)).Status);
        await using (await StartBesideAsync(here, Client(Later)))
        {
            await BecomesAsync(here, Secret, "invalid_client");
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(here, Later)).Status);
        }

        await using (await StartBesideAsync(here, []))
        {
            await BecomesAsync(here, Later, "invalid_client");
        }
    }

    public void Dispose()
    {
        _redis.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private static (string, string)[] Client(string secret) =>
        [("Clients:1:ClientId", "service"), ("Clients:1:Secret", secret), ("Clients:1:GrantTypes:0", "client_credentials"), ("Clients:1:Scope", "mcp:tools")];

    private Task<RunningAuthServer> StartBesideAsync(RunningAuthServer here, (string, string)[] settings) =>
        RunningAuthServer.StartAsync(_redis.ConnectionString, here.Port, FreePort.Next(), _folder, time: here.Time, settings: settings);

    private static async Task<Answer> AskAsync(RunningAuthServer server, string secret)
    {
        using var content = new FormUrlEncodedContent(
            [new("grant_type", "client_credentials"), new("client_id", "service"), new("client_secret", secret), new("scope", "mcp:tools")]);
        return await Answer.OfAsync(await server.Client.PostAsync("/connect/token", content, TestContext.Current.CancellationToken));
    }

    private static Task BecomesAsync(RunningAuthServer server, string secret, string error) => Eventually.BeTrueAsync(
        async () => (await AskAsync(server, secret)).Error == error, $"it is {error}", TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
}
