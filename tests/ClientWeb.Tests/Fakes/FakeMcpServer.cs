using System.ComponentModel;
using System.Text.Json.Nodes;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Server;

namespace McpAspire.ClientWeb.Tests.Fakes;

/// <summary>An MCP server over real HTTP, guarded by the tokens of a <see cref="FakeAuthorizationServer"/>.</summary>
internal sealed class FakeMcpServer : IAsyncDisposable
{
    private readonly FakeAuthorizationServer _authorizationServer;
    private readonly int _port;
    private WebApplication? _app;

    private FakeMcpServer(FakeAuthorizationServer authorizationServer)
    {
        _authorizationServer = authorizationServer;
        _port = FreePort.Next();
        Url = $"http://localhost:{_port}/mcp";
    }

    public string Url { get; }

    /// <summary>Changes the protected resource metadata.</summary>
    public Action<JsonObject> ChangeMetadata { get; set; } = _ => { };

    /// <summary>The challenge of a 401.</summary>
    public string? Challenge { get; set; }

    /// <summary>Answers each authorized request with this instead.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    public static async Task<FakeMcpServer> StartAsync(FakeAuthorizationServer authorizationServer)
    {
        var server = new FakeMcpServer(authorizationServer);
        server.Challenge = $"Bearer resource_metadata=\"http://localhost:{server._port}/.well-known/oauth-protected-resource/mcp\", scope=\"mcp:tools\"";
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://localhost:{_port}");
        builder.Services.AddMcpServer().WithHttpTransport().WithTools<Tools>();
        _app = builder.Build();
        _app.MapGet("/.well-known/oauth-protected-resource/mcp", () => Results.Text(Metadata().ToJsonString(), "application/json"));
        _app.UseWhen(context => context.Request.Path == "/mcp", branch => branch.Use(GuardAsync));
        _app.UseRouting();
        _app.MapMcp("/mcp");
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is { } app)
        {
            await app.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private JsonObject Metadata()
    {
        var metadata = new JsonObject
        {
            ["resource"] = Url,
            ["authorization_servers"] = new JsonArray(_authorizationServer.Issuer),
            ["scopes_supported"] = new JsonArray("mcp:tools"),
        };
        ChangeMetadata(metadata);
        return metadata;
    }

    private Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers.Authorization.ToString() is not ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token]
            || !_authorizationServer.Accepts(token))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = Challenge;
            return Task.CompletedTask;
        }

        return Instead is null ? next(context) : Instead(context);
    }

    [McpServerToolType]
    private sealed class Tools
    {
        [McpServerTool(Name = "secure_echo", Title = "Secure echo", ReadOnly = true, UseStructuredContent = true), Description("Returns your message.")]
        public static Echo SecureEcho([Description("What to return.")] string message) => new(message, "person-1");

        [McpServerTool(Name = "fail"), Description("Always fails.")]
        public static string Fail() => throw new McpException("The kettle is empty.");

        [McpServerTool(Name = "slow"), Description("Does not finish.")]
        public static async Task<string> Slow(IProgress<ProgressNotificationValue> progress, CancellationToken cancellationToken)
        {
            progress.Report(new ProgressNotificationValue { Progress = 1, Total = 4, Message = "a quarter" });
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return "";
        }
    }

    internal sealed record Echo(string Message, string User);
}
