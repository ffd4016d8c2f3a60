using McpAspire.AppHost.Keycloak;
using McpAspire.TestKit;

namespace McpAspire.AppHost.Tests;

/// <summary>The real Keycloak with the stack's realm and its users for development, imported at the start.</summary>
public sealed class ImportedRealm : IAsyncLifetime
{
    internal const string PublicUrl = "http://localhost:5100";
    internal const string BackChannelUrl = "http://machine.internal:5100";

    private readonly HttpClient _http = new();

    internal KeycloakServer Server { get; private set; } = null!;

    internal RealmFile File { get; } = TestRealm.File(PublicUrl, BackChannelUrl);

    /// <summary>Warnings and errors of its last start; what a test did to it later is none of them.</summary>
    internal IEnumerable<string> Complaints => Server.StartOutput.Where(line =>
        line.Contains(" WARN ", StringComparison.Ordinal) || line.Contains(" ERROR ", StringComparison.Ordinal));

    public async ValueTask InitializeAsync()
    {
        if (KeycloakServer.Missing is null)
        {
            Server = await KeycloakServer.StartAsync(
                new KeycloakOptions
                {
                    RealmFiles = [TestRealm.Path("mcp-realm.json"), TestRealm.Path("Development/mcp-users-0.json")],
                    Environment = new Dictionary<string, string>
                    {
                        ["AUTHSERVER_PUBLIC_URL"] = PublicUrl,
                        ["AUTHSERVER_BACKCHANNEL_URL"] = BackChannelUrl,
                    },
                },
                TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Compares the realm with a file, as a start of the stack does.</summary>
    /// <returns>What was said.</returns>
    internal async Task<IReadOnlyCollection<string>> CheckAsync(RealmFile file, string? password = null)
    {
        using var logs = new CapturedLogs();
        var url = new Uri(Server.Url);
        await new RealmCheck(file, new RealmAdmin(_http, url), url, logs.CreateLogger("realm"))
            .RunAsync("admin", password ?? Server.AdminPassword, TestContext.Current.CancellationToken);
        return logs.Lines;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }
    }
}
