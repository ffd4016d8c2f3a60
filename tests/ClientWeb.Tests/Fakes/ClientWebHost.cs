using System.Security.Claims;
using McpAspire.ClientWeb.Mcp;
using McpAspire.ClientWeb.Sessions;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpAspire.ClientWeb.Tests.Fakes;

/// <summary>ClientWeb itself, over real HTTP on a free loopback port.</summary>
internal sealed class ClientWebHost : WebApplicationFactory<Program>
{
    private readonly Dictionary<string, string> _settings;

    public ClientWebHost(string homeServer, string redis, int? port = null, string? publicUrl = null)
    {
        var listening = port ?? FreePort.Next();
        Url = publicUrl ?? $"http://localhost:{listening}";
        _settings = new Dictionary<string, string>
        {
            ["PublicUrl"] = Url,
            ["HomeServer"] = homeServer,
            ["ConnectionStrings:sessions"] = redis,
            ["DataProtection:WrappingKey"] = "a wrapping key of thirty-two characters or more",
            // These tests are about rules, and a busy machine breaks none.
            ["Outbound:Timeout"] = "00:00:30",
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace",
        };
        UseKestrel(listening);
    }

    /// <summary>Its public URL.</summary>
    public string Url { get; }

    /// <summary>What it logged, at every level.</summary>
    public CapturedLogs Logs { get; } = new();

    /// <summary>Starts listening.</summary>
    public ClientWebHost Started(params (string Name, string Value)[] settings)
    {
        foreach (var (name, value) in settings)
        {
            _settings[name] = value;
        }

        StartServer();
        return this;
    }

    /// <summary>A page opened by somebody with this session: what a circuit has.</summary>
    public HomeTools OpenPage(string sessionKey) => new(
        Services.GetRequiredService<HomeConnection>(),
        new SignedIn(SessionCookie.CookieFor(sessionKey)),
        Services.GetRequiredService<IOptions<McpOptions>>(),
        TimeProvider.System);

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (name, value) in _settings)
        {
            builder.UseSetting(name, value);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(Logs));
    }

    private sealed class SignedIn(ClaimsPrincipal user) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(user));
    }
}
