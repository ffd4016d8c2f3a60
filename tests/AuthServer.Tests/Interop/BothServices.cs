using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Interop;

/// <summary>AuthServer and McpServer side by side, each in a process of its own, and the document of a client that AuthServer can fetch over https.</summary>
public sealed class BothServices : IAsyncLifetime
{
    private readonly RedisServer _redis = new();
    private readonly string _data = Directory.CreateTempSubdirectory("interop-").FullName;
    private ServiceProcess? _authServer;
    private ServiceProcess? _mcpServer;

    internal HttpsClientDocument Client { get; } = new();

    internal string Issuer => _authServer!.Url;

    internal string Mcp => $"{_mcpServer!.Url}/mcp";

    public async ValueTask InitializeAsync()
    {
        var mcpPort = FreePort.Next();
        await Client.StartAsync();
        _authServer = await ServiceProcess.StartAsync(
            "AuthServer", FreePort.Next(),
            [
                ("DataFolder", _data), ("ConnectionStrings:sessions", _redis.ConnectionString),
                ("DataProtection:WrappingKey", "the wrapping key of the tests, 32 characters or more"),
                ("Resources:0:Uri", $"http://localhost:{mcpPort}/mcp"), ("SSL_CERT_FILE", Client.TrustFile),
            ],
            TestContext.Current.CancellationToken);
        _mcpServer = await ServiceProcess.StartAsync(
            "McpServer", mcpPort, [("AuthorizationServer", _authServer.Url), ("ConnectionStrings:sessions", _redis.ConnectionString)],
            TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in new[] { _mcpServer, _authServer })
        {
            await (service?.DisposeAsync() ?? default);
        }

        await Client.DisposeAsync();
        _redis.Dispose();
        Directory.Delete(_data, recursive: true);
    }
}
