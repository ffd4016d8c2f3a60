using System.Text.Json.Nodes;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpAspire.McpServer.Tests.Stack;

/// <summary>An authorization server reduced to what a resource server sees of it: its metadata and its keys.</summary>
internal sealed class FakeAuthorizationServer : IAsyncDisposable
{
    private readonly int _port = FreePort.Next();
    private WebApplication? _app;
    private int _keyRequests;

    public string Issuer => $"http://localhost:{_port}";

    /// <summary>The issuer that the document names; another than <see cref="Issuer"/> for a misconfigured server.</summary>
    public string? ClaimedIssuer { get; set; }

    /// <summary>What it says instead of its keys, for a server that is out of order.</summary>
    public string? KeysText { get; set; }

    /// <summary>The published keys; the first signs.</summary>
    public List<SigningKey> Keys { get; } = [SigningKey.Es256(), SigningKey.Rs256()];

    public int KeyRequests => _keyRequests;

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
        _app = builder.Build();
        _app.MapGet("/.well-known/oauth-authorization-server", () => Results.Json(Metadata()));
        _app.MapGet("/keys", () =>
        {
            Interlocked.Increment(ref _keyRequests);
            return KeysText is not null ? Results.Text(KeysText, "application/json") : Results.Json(new JsonObject { ["keys"] = new JsonArray([.. Keys.Select(key => key.ToJwk())]) });
        });
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
            _app = null;
        }
    }

    public JsonObject Metadata() => new()
    {
        ["issuer"] = ClaimedIssuer ?? Issuer,
        ["authorization_endpoint"] = $"{Issuer}/connect/authorize",
        ["token_endpoint"] = $"{Issuer}/connect/token",
        ["jwks_uri"] = $"{Issuer}/keys",
        ["response_types_supported"] = new JsonArray("code"),
    };

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Keys.ForEach(key => key.Dispose());
    }
}
