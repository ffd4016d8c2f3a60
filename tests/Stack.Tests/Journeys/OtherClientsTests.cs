using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using McpAspire.TestKit;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace McpAspire.Stack.Tests.Journeys;

/// <summary>The clients of docs/seed-client: Python, and a line of curl.</summary>
[Collection(nameof(StackUnderHttp))]
public sealed class OtherClientsTests(StackUnderHttp http, Browser browser)
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    private RunningStack Stack => http.Stack;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_Python_client_signs_in_and_calls_secure_echo()
    {
        var python = FindPython();
        await using var window = await browser.OpenAsync("python-client");
        string[] arguments =
        [
            Path.Combine(Places.Repository, "docs", "seed-client", "client.py"), "--server", Stack.McpServer, "--no-browser",
            "--redirect-uri", $"http://localhost:{FreePort.Next().ToString(CultureInfo.InvariantCulture)}/auth/callback",
        ];
        using var client = Process.Start(new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            await client.StandardOutput.ReadLineAsync(Cancel);
            await AuthorizeAsync(window, (await client.StandardOutput.ReadLineAsync(Cancel))!);
            var output = await client.StandardOutput.ReadToEndAsync(Cancel);
            await client.WaitForExitAsync(Cancel);

            Assert.Contains("{'echo': 'Hello, OAuth!', 'user': 'Alice Adams'}", output, StringComparison.Ordinal);
            Assert.Equal(0, client.ExitCode);
        }
        finally
        {
            client.Kill();
        }
    }

    [Fact]
    public async Task The_line_of_curl_calls_secure_echo()
    {
        Assert.SkipUnless(Command.Run(NoEnvironment, "curl", "--version").ExitCode == 0, "curl is not installed");
        await using var window = await browser.OpenAsync("curl");
        var token = await AccessTokenAsync(window);

        var (_, output) = Command.Run(
            NoEnvironment, "curl", "-s", "-X", "POST", $"{Stack.McpServer}/tools/secure_echo",
            "-H", $"Authorization: Bearer {token}", "-H", "Content-Type: application/json", "-d", """{"message": "Hello, OAuth!"}""");

        Assert.Equal("""{"echo":"Hello, OAuth!","user":"Alice Adams"}""", output);
    }

    private static string FindPython()
    {
        string[] candidates = ["python3", "/usr/bin/python3", "python"];
        bool HasPackage(string python) => Command.Run(NoEnvironment, python, "-c", "import requests_oauthlib").ExitCode == 0;
        var found = candidates.FirstOrDefault(HasPackage)
            ?? (Command.InstallByApt("python3-requests-oauthlib") ? candidates.FirstOrDefault(HasPackage) : null);
        Assert.SkipWhen(found is null, "Python with requests-oauthlib is not to be had; install docs/seed-client/requirements.txt");
        return found!;
    }

    private static async Task AuthorizeAsync(Window window, string url)
    {
        await window.Page.GotoAsync(url);
        await window.TypePasswordAsync("alice", "alice");
        await Expect(window.Page.GetByRole(AriaRole.Note)).ToBeVisibleAsync();
        await window.ScreenshotAsync("consent");
        await window.AllowAsync();
    }

    /// <summary>What the Python client does, up to the token: authorization code with PKCE for a public client.</summary>
    private async Task<string> AccessTokenAsync(Window window)
    {
        const string Callback = "http://localhost:8000/auth/callback";
        var verifier = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        var url = QueryHelpers.AddQueryString($"{Stack.AuthServer}/connect/authorize", new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = "seed-client",
            ["redirect_uri"] = Callback,
            ["scope"] = "openid profile mcp:tools",
            ["state"] = "a-state",
            ["resource"] = $"{Stack.McpServer}/mcp",
            ["code_challenge"] = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
            ["code_challenge_method"] = "S256",
        });
        await AuthorizeAsync(window, url);
        await Eventually.BeTrueAsync(() => Task.FromResult(window.Urls.Any(IsAnswer)), "the browser is sent back", cancellationToken: Cancel);
        var answer = QueryHelpers.ParseQuery(new Uri(window.Urls.First(IsAnswer)).Query);
        Assert.Equal(Stack.AuthServer, answer["iss"]);

        using var client = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["client_id"] = "seed-client",
            ["code"] = answer["code"]!,
            ["redirect_uri"] = Callback,
            ["code_verifier"] = verifier,
        });
        using var response = await client.PostAsync(new Uri($"{Stack.AuthServer}/connect/token"), form, Cancel);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("access_token").GetString()!;

        static bool IsAnswer(string seen) => seen.StartsWith(Callback + "?", StringComparison.Ordinal);
    }
}
