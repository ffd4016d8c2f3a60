using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using McpAspire.TestKit;
using Microsoft.IdentityModel.Tokens;

namespace McpAspire.Bench;

/// <summary>AuthServer as the build made it, with SQLite on this disk and a Redis; the CPU time of that Redis is its own.</summary>
internal sealed class AuthServerTarget : ITarget, IAsyncDisposable
{
    private const string Resource = "http://localhost:5200/mcp";
    private const string RedirectUri = "https://bench.example/callback";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bench-");
    private RedisProcess? _redis;
    private ServiceProcess? _service;

    public string Name => "AuthServer";

    /// <summary>What its Redis is.</summary>
    public string Redis => _redis?.Name ?? "another Redis, whose time is not counted";

    public string Issuer => _service!.Url;

    public Uri TokenEndpoint => new(Issuer + "/connect/token");

    public IReadOnlyDictionary<string, string> Extra { get; } = new Dictionary<string, string> { ["scope"] = "mcp:tools" };

    public BenchClient Client(bool withKey) => new(withKey ? "bench-key" : "bench-secret", Issuer, withKey);

    internal static async Task<AuthServerTarget> StartAsync(string? redis)
    {
        var target = new AuthServerTarget();
        if (redis is null)
        {
            target._redis = await RedisProcess.StartAsync();
        }

        target._service = await ServiceProcess.StartAsync("AuthServer", FreePort.Next(),
            [
                ("DataFolder", target._folder.FullName), ("ConnectionStrings:sessions", redis ?? target._redis!.Connection),
                ("DataProtection:WrappingKey", "the wrapping key of the benchmark, 32 characters"),
                ("Resources:0:Uri", Resource),
                .. Client(1, "bench-secret", ("Secret", BenchClient.Secret)),
                .. Client(2, "bench-key", ("Jwks", BenchClient.PublicKeys)),
            ],
            CancellationToken.None);
        return target;
    }

    public TimeSpan CpuTime() => ProcessTime.OfTree(_service!.Id) + HelperTime();

    public TimeSpan HelperTime() => _redis is null ? TimeSpan.Zero : ProcessTime.OfTree(_redis.Id);

    public async Task<string[]> RefreshTokensAsync(HttpClient http, BenchClient client, int count)
    {
        var tokens = new string[count];
        for (var i = 0; i < count; i++)
        {
            tokens[i] = await SignInAsync(http, client);
        }

        return tokens;
    }

    public async ValueTask DisposeAsync()
    {
        await (_service?.DisposeAsync() ?? default);
        _redis?.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>One person in one browser: a session, a grant, a refresh token.</summary>
    private async Task<string> SignInAsync(HttpClient http, BenchClient client)
    {
        var verifier = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));
        var challenge = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        using var browser = new SmallBrowser();
        var back = await browser.GoAsync(new Uri(
            $"{Issuer}/connect/authorize?client_id={client.Id}&response_type=code&redirect_uri={Uri.EscapeDataString(RedirectUri)}&scope=mcp:tools"
            + $"&state=s&code_challenge={challenge}&code_challenge_method=S256&resource={Uri.EscapeDataString(Resource)}"));
        var form = client.Form("authorization_code", new Dictionary<string, string>(),
            ("code", back["code"] ?? throw new InvalidOperationException($"No code: {back["error"]} {back["error_description"]}")),
            ("redirect_uri", RedirectUri), ("code_verifier", verifier));
        using var content = new FormUrlEncodedContent(form);
        using var answer = await http.PostAsync(TokenEndpoint, content);
        answer.EnsureSuccessStatusCode();
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["refresh_token"]!;
    }

    private static IEnumerable<(string Key, string Value)> Client(int number, string id, (string Key, string Value) authentication)
    {
        string[] grants = ["authorization_code", "refresh_token", "client_credentials"];
        return new[] { ("ClientId", id), authentication, ("Name", "Benchmark"), ("RedirectUris:0", RedirectUri), ("Scope", "mcp:tools") }
            .Concat(grants.Select((grant, i) => ($"GrantTypes:{i}", grant)))
            .Select(setting => ($"Clients:{number}:{setting.Item1}", setting.Item2));
    }
}
