using System.Collections.Concurrent;
using System.Diagnostics;

namespace McpAspire.TestKit;

/// <summary>One of the services as the build made it, in a process of its own, on a free loopback port.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private ServiceProcess(string name, int port, IEnumerable<(string Key, string Value)> settings)
    {
        Url = $"http://localhost:{port}";
        // Beside our own: bin/NAME/CONFIGURATION.
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var folder = Path.Combine(own.Parent!.Parent!.FullName, name, own.Name);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, $"{name}.dll"), "--contentRoot", folder, "--urls", Url])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_ENVIRONMENT"] = start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["PublicUrl"] = Url;
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Its URL, without a trailing slash.</summary>
    public string Url { get; }

    /// <summary>The process.</summary>
    public int Id => _process.Id;

    /// <summary>The lines that it wrote so far.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>Starts the service and waits until it is ready.</summary>
    /// <param name="name">Its project.</param>
    /// <param name="port">The port that it listens on.</param>
    /// <param name="settings">Its settings and other variables of its environment.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">It ended while it started; the message is what it wrote.</exception>
    public static async Task<ServiceProcess> StartAsync(
        string name, int port, IEnumerable<(string Key, string Value)> settings, CancellationToken cancellationToken)
    {
        var service = new ServiceProcess(name, port, settings);
        using var http = new HttpClient();
        try
        {
            await Eventually.BeTrueAsync(
                () => service.IsReadyAsync(http, cancellationToken), $"{name} is ready", TimeSpan.FromMinutes(1), cancellationToken);
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"The service ended while it started: {string.Join('\n', _output)}");
        }

        try
        {
            using var answer = await http.GetAsync(new Uri(Url + "/health"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // It has not bound its port yet.
            return false;
        }
    }
}
