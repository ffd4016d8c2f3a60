using System.Diagnostics;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Federation;

/// <summary>The npm package <c>oidc-provider</c> in a process of its own; what it knows of people is gone when it stops.</summary>
internal sealed class OidcProviderProcess(string folder, string redirectUri) : IAsyncDisposable
{
    internal const string ClientId = "authserver";

    /// <summary>Signs that client_secret_basic must encode (RFC 6749 §2.3.1).</summary>
    internal const string ClientSecret = "a secret: with + and % and /";

    private readonly int _port = FreePort.Next();
    private Process? _process;

    internal string Issuer => $"http://localhost:{_port}";

    internal async Task StartAsync()
    {
        var process = Process.Start(new ProcessStartInfo("node", "server.mjs")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment =
            {
                ["PORT"] = _port.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["CLIENT_ID"] = ClientId,
                ["CLIENT_SECRET"] = ClientSecret,
                ["REDIRECT_URI"] = redirectUri,
            },
        })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        using var http = new HttpClient();
        await Eventually.BeTrueAsync(async () => await AnswersAsync(http), "oidc-provider answers", cancellationToken: TestContext.Current.CancellationToken);
    }

    internal async Task StopAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
            _process = null;
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task<bool> AnswersAsync(HttpClient http)
    {
        if (_process!.HasExited)
        {
            throw new InvalidOperationException($"oidc-provider ended with {_process.ExitCode}.");
        }

        try
        {
            using var answer = await http.GetAsync(Issuer + "/.well-known/openid-configuration", TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // It has not bound its port yet.
            return false;
        }
    }
}
