using System.Net;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;
using Microsoft.Data.Sqlite;

namespace McpAspire.AuthServer.Tests;

/// <summary>A real process on a file of SQLite that is killed (SIGKILL) while it works, and the next one on the same file.</summary>
public sealed class KilledProcessTests : IAsyncLifetime
{
    private const string ClientId = "app";
    private const string Callback = "https://app.example/callback";
    private const int Others = 3;

    private readonly RedisServer _redis = new();
    private readonly string _data = Directory.CreateTempSubdirectory("killed-").FullName;
    private readonly int _port = FreePort.Next();
    private readonly HttpClient _http;
    private ServiceProcess? _service;

    public KilledProcessTests() => _http = new HttpClient { BaseAddress = new Uri($"http://localhost:{_port}") };

    public ValueTask InitializeAsync() => StartAsync();

    [Fact]
    public async Task Killed_in_the_middle_of_refreshes_it_keeps_what_it_acknowledged_and_keys_and_session()
    {
        using var browser = await SignedInAsync();
        // In sessions of their own, so that their grants are: who asks again for a swallowed answer too late ends its grant.
        var otherBrowsers = new List<TestBrowser>();
        for (var number = 0; number < Others; number++)
        {
            otherBrowsers.Add(await SignedInAsync());
        }

        var acknowledged = await TokensAsync(browser);
        var session = acknowledged.Access.GetClaim("sid").Value;
        var keys = await KeysAsync();
        for (var kill = 0; kill < 3; kill++)
        {
            var others = new List<Task<(int Refreshes, string Last)>>();
            foreach (var other in otherBrowsers)
            {
                others.Add(RefreshUntilItIsGoneAsync((await TokensAsync(other)).RefreshToken));
            }

            for (var refresh = 0; refresh < 5; refresh++)
            {
                acknowledged = await RefreshAsync(acknowledged.RefreshToken);
                Assert.Equal((HttpStatusCode.OK, null, null), (acknowledged.Status, acknowledged.Error, acknowledged.Text("error_description")));
            }

            await KillAsync();
            var working = await Task.WhenAll(others);
            Assert.All(working, other => Assert.True(other.Refreshes > 0, "The process was killed while it did nothing."));
            Assert.Equal("ok", await IntegrityAsync());

            await StartAsync();
            Assert.Equal(keys, await KeysAsync());
            Assert.Contains("Alice Adams", (await browser.GoAsync("/")).Text, StringComparison.Ordinal);
            acknowledged = await RefreshAsync(acknowledged.RefreshToken);
            Assert.Equal((HttpStatusCode.OK, null, null), (acknowledged.Status, acknowledged.Error, acknowledged.Text("error_description")));
            Assert.Equal(session, acknowledged.Access.GetClaim("sid").Value);
            foreach (var (_, last) in working)
            {
                // It is there; the refresh whose answer the kill swallowed may have used it.
                Assert.DoesNotContain("not known", (await RefreshAsync(last)).Text("error_description") ?? "", StringComparison.Ordinal);
            }
        }

        otherBrowsers.ForEach(other => other.Dispose());
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _http.Dispose();
        _redis.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private async ValueTask StartAsync() => _service = await ServiceProcess.StartAsync(
        "AuthServer", _port,
        [
            ("DataFolder", _data), ("ConnectionStrings:sessions", _redis.ConnectionString), ("DataProtection:WrappingKey", RunningAuthServer.WrappingKey),
            ("Resources:0:Uri", RunningAuthServer.Resource), ("Clients:0:ClientId", ClientId), ("Clients:0:RedirectUris:0", Callback), ("Clients:0:Native", "false"),
        ],
        TestContext.Current.CancellationToken);

    /// <summary>A process is disposed of by SIGKILL.</summary>
    private async Task KillAsync()
    {
        await (_service?.DisposeAsync() ?? default);
        _service = null;
    }

    /// <summary>How often it was answered, and the last token that it gave.</summary>
    private async Task<(int Refreshes, string Last)> RefreshUntilItIsGoneAsync(string refreshToken)
    {
        for (var refreshes = 0; ; refreshes++)
        {
            try
            {
                refreshToken = (await RefreshAsync(refreshToken)).RefreshToken;
            }
            catch (HttpRequestException)
            {
                return (refreshes, refreshToken);
            }
        }
    }

    private async Task<TestBrowser> SignedInAsync()
    {
        var browser = new TestBrowser(_service!.Url);
        var page = await browser.GoAsync(AuthorizeUrl(Pkce.New()));
        await browser.SubmitAsync(page, new() { ["username"] = "alice", ["password"] = "alice" });
        return browser;
    }

    private async Task<Answer> TokensAsync(TestBrowser browser)
    {
        var pkce = Pkce.New();
        var page = await browser.GoAsync(AuthorizeUrl(pkce));
        page = page.Query("code") is null ? await browser.SubmitAsync(page, [], ("decision", "allow")) : page;
        return await PostAsync(new()
        {
            ["grant_type"] = "authorization_code",
            ["code"] = page.Query("code")!,
            ["redirect_uri"] = Callback,
            ["code_verifier"] = pkce.Verifier,
        });
    }

    private Task<Answer> RefreshAsync(string refreshToken) => PostAsync(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken });

    private async Task<Answer> PostAsync(Dictionary<string, string> fields)
    {
        fields["client_id"] = ClientId;
        return await Answer.OfAsync(await _http.PostAsync("/connect/token", new FormUrlEncodedContent(fields), TestContext.Current.CancellationToken));
    }

    private Task<string> KeysAsync() => _http.GetStringAsync("/.well-known/jwks", TestContext.Current.CancellationToken);

    private async Task<string?> IntegrityAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_data, "authserver.db")};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string?)await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    private static string AuthorizeUrl(Pkce pkce) => Flow.AuthorizeUrl(new()
    {
        ["client_id"] = ClientId,
        ["response_type"] = "code",
        ["redirect_uri"] = Callback,
        ["scope"] = "mcp:tools",
        ["code_challenge"] = pkce.Challenge,
        ["code_challenge_method"] = "S256",
    });
}
