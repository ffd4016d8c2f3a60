using System.Diagnostics;
using System.Globalization;
using McpAspire.Stack.Tests.Browsing;
using McpAspire.Stack.Tests.Running;
using McpAspire.TestKit;
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
        using var client = new SeedClient(Stack);
        await AuthorizeAsync(window, client.AuthorizeUrl("openid profile mcp:tools"));
        await client.RedeemAsync(window, Cancel);

        var (_, output) = Command.Run(
            NoEnvironment, "curl", "-s", "-X", "POST", $"{Stack.McpServer}/tools/secure_echo",
            "-H", $"Authorization: Bearer {client.AccessToken}", "-H", "Content-Type: application/json", "-d", """{"message": "Hello, OAuth!"}""");

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
}
