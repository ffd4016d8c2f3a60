using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Databases;

/// <summary>Outside Development an unsafe configuration stops the start, with a message that names the setting.</summary>
public sealed class UnsafeStartTests : IDisposable
{
    private static readonly (string Key, string Value)[] Safe =
    [
        ("PublicUrl", "https://auth.example"), ("Resources:0:Uri", "https://mcp.example/mcp"),
        ("Accounts:0:UserName", "grace"), ("Accounts:0:Password", "a long enough password"),
    ];

    private readonly RedisServer _redis = new();

    [Theory]
    [InlineData("PublicUrl", "", "'PublicUrl' is missing")]
    [InlineData("PublicUrl", "http://auth.example", "'PublicUrl'")]
    [InlineData("PublicUrl", "http://localhost:5100", "'PublicUrl'")]
    [InlineData("Resources:0:Uri", "http://mcp.example/mcp", "'Resources'")]
    [InlineData("Resources:0:Uri", "http://localhost:5200/mcp", "'Resources'")]
    [InlineData("DataProtection:WrappingKey", "", "'DataProtection:WrappingKey' is missing")]
    [InlineData("DataProtection:WrappingKey", "too short", "'DataProtection:WrappingKey'")]
    [InlineData("Accounts:0:Password", "grace", "'Accounts'")]
    [InlineData("Clients:0:Secret", "too short", "'Clients'")]
    [InlineData("ConnectionStrings:accounts", "Data Source=:memory:", "'ConnectionStrings:accounts'")]
    [InlineData("ConnectionStrings:sessions", "", "'ConnectionStrings:sessions'")]
    public async Task It_does_not_start_with(string key, string value, string named)
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(
            [.. Safe, .. Client(key), (key, value)]));
        Assert.Contains(named, failure.Message);
    }

    [Fact]
    public async Task It_starts_without_them() => await (await StartAsync(Safe)).DisposeAsync();

    public void Dispose() => _redis.Dispose();

    private static (string Key, string Value)[] Client(string key) =>
        key.StartsWith("Clients", StringComparison.Ordinal) ? [("Clients:0:ClientId", "a-client"), ("Clients:0:RedirectUris:0", "https://client.example/")] : [];

    private Task<RunningAuthServer> StartAsync((string Key, string Value)[] settings) =>
        RunningAuthServer.StartAsync(_redis.ConnectionString, environment: "Production", settings: settings);
}
