using McpAspire.TestKit;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace McpAspire.McpServer.Tests.Stack;

/// <summary>The real program over Kestrel on a free loopback port, with a fake authorization server and a clock of the tests.</summary>
public class McpServerHost : WebApplicationFactory<Program>, IAsyncLifetime
{
    private readonly int _port = FreePort.Next();

    internal FakeAuthorizationServer AuthorizationServer { get; } = new();

    /// <summary>The issuer that this server trusts.</summary>
    internal virtual string Issuer => AuthorizationServer.Issuer;

    internal FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    internal CapturedLogs Logs { get; } = new();

    internal LongRuns LongRuns { get; } = new();

    internal string PublicUrl => $"http://localhost:{_port}";

    internal string Resource => $"{PublicUrl}/mcp";

    internal string MetadataUrl => $"{PublicUrl}/.well-known/oauth-protected-resource/mcp";

    internal HttpClient Http { get; private set; } = null!;

    /// <summary>Whether the authorization server runs when this server starts.</summary>
    protected virtual bool AuthorizationServerRuns => true;

    public virtual async ValueTask InitializeAsync()
    {
        if (AuthorizationServerRuns)
        {
            await AuthorizationServer.StartAsync();
        }

        UseKestrel(_port);
        StartServer();
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(PublicUrl) };
    }

    /// <summary>A token that is good in every way, for a test to spoil.</summary>
    internal Jwt GoodToken()
    {
        var now = Time.GetUtcNow().ToUnixTimeSeconds();
        return new Jwt
        {
            Header = { ["typ"] = "at+jwt" },
            Payload =
            {
                ["iss"] = AuthorizationServer.Issuer,
                ["sub"] = "7d1f",
                ["aud"] = Resource,
                ["client_id"] = "test-client",
                ["scope"] = "mcp:tools",
                ["name"] = "Alice Adams",
                ["jti"] = Guid.NewGuid().ToString("N"),
                ["iat"] = now,
                ["exp"] = now + 300,
            },
        };
    }

    internal string Token(Action<Jwt>? change = null)
    {
        var token = GoodToken();
        change?.Invoke(token);
        return token.Sign(AuthorizationServer.Keys[0]);
    }

    public override async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await base.DisposeAsync();
        await AuthorizationServer.DisposeAsync();
        Logs.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Development");
        builder.UseSetting("PublicUrl", PublicUrl);
        builder.UseSetting("AuthorizationServer", Issuer);
        builder.UseSetting("Outbound:Timeout", "00:00:30");
        builder.UseSetting("AllowedOrigins:0", "https://app.example");
        foreach (var category in (string[])["Default", "Microsoft.AspNetCore", "ModelContextProtocol"])
        {
            builder.UseSetting($"Logging:LogLevel:{category}", "Trace");
        }

        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Logs));
        builder.ConfigureServices(services =>
        {
            services.AddSingleton<TimeProvider>(Time);
            services.AddSingleton(LongRuns);
            services.AddMcpServer().WithTools<FixtureTools>();
        });
    }
}
