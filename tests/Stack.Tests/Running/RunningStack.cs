using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using McpAspire.TestKit;

namespace McpAspire.Stack.Tests.Running;

/// <summary>The whole stack as a person starts it: the AppHost process, on free ports, with a data folder of its own.</summary>
internal sealed partial class RunningStack : IAsyncDisposable
{
    private static readonly string[] Services = ["keycloak", "authserver", "mcpserver", "clientweb"];

    private readonly ConcurrentQueue<string> _output = new();
    private readonly Dictionary<string, int> _ports;
    private readonly StackOptions _options;
    private readonly string _data = Directory.CreateTempSubdirectory("mcp-aspire-test-").FullName;
    private readonly Dictionary<string, int> _startsBeforeKill = [];
    private readonly Process _host;

    private RunningStack(StackOptions options)
    {
        _options = options;
        _ports = Services.ToDictionary(name => name, _ => FreePort.Next());
        _host = new Process { StartInfo = StartInfo() };
        _host.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _host.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
    }

    internal string AuthServer => Url("authserver");

    internal string Keycloak => Url("keycloak");

    internal string McpServer => Url("mcpserver");

    internal string ClientWeb => Url("clientweb");

    internal IReadOnlyCollection<string> Output => _output;

    /// <summary>Starts a stack and waits until every resource is ready.</summary>
    internal static async Task<RunningStack> StartAsync(StackOptions options, CancellationToken cancellationToken)
    {
        var stack = new RunningStack(options);
        try
        {
            stack._host.Start();
            stack._host.BeginOutputReadLine();
            stack._host.BeginErrorReadLine();
            if (options.DiesAtStart is { } victim)
            {
                await stack.UntilAsync(
                    () => HostOutput.LatestProcessId(stack._output, victim) is not null, $"{victim} was started", TimeSpan.FromMinutes(1), cancellationToken);
                stack.Kill(victim);
            }

            await stack.UntilAsync(
                () => stack._output.Any(line => line.Contains("Open ClientWeb at", StringComparison.OrdinalIgnoreCase)),
                "the stack is ready", TimeSpan.FromMinutes(stack._options.Keycloak ? 5 : 2), cancellationToken);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills a resource's process with SIGKILL: the host starts it again.</summary>
    internal void Kill(string resource)
    {
        _startsBeforeKill[resource] = HostOutput.HealthyAgain(_output, resource);
        using var process = Process.GetProcessById(ProcessId(resource));
        process.Kill();
    }

    /// <summary>Waits until a resource that was killed is healthy again.</summary>
    internal Task UntilBackAsync(string resource, CancellationToken cancellationToken) => UntilAsync(
        () => HostOutput.HealthyAgain(_output, resource) > _startsBeforeKill[resource],
        $"{resource} is healthy again", TimeSpan.FromMinutes(2), cancellationToken);

    /// <summary>Stops a resource's process in its tracks, as if it hung.</summary>
    internal void Freeze(string resource) => Signal(ProcessId(resource), Stop);

    /// <summary>Lets a frozen process go on.</summary>
    internal void Thaw(string resource) => Signal(ProcessId(resource), Continue);

    public async ValueTask DisposeAsync()
    {
        if (!_host.HasExited)
        {
            if (OperatingSystem.IsWindows())
            {
                _host.Kill(entireProcessTree: true);
            }
            else
            {
                Signal(_host.Id, Terminate);
            }

            await _host.WaitForExitAsync();
        }

        _host.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private string Url(string service)
    {
        var host = _options.Hosts.GetValueOrDefault(service, "localhost");
        return $"{_options.Profile}://{host}:{_ports[service].ToString(CultureInfo.InvariantCulture)}";
    }

    private int ProcessId(string resource) => HostOutput.LatestProcessId(_output, resource)
        ?? throw new InvalidOperationException($"The host named no process of '{resource}'.");

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Places.AppHost);
        start.ArgumentList.Add("--data");
        start.ArgumentList.Add(_data);
        start.Environment["DOTNET_LAUNCH_PROFILE"] = _options.Profile;
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        if (!_options.Keycloak)
        {
            // It takes a minute to start for the first time.
            start.Environment["KEYCLOAK_HOME"] = "none";
        }

        foreach (var (service, port) in _ports)
        {
            start.Environment[$"Ports__{service}"] = port.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var service in _options.Hosts.Keys)
        {
            start.Environment[$"PublicUrls__{service}"] = Url(service);
        }

        foreach (var (name, value) in _options.Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private async Task UntilAsync(Func<bool> condition, string what, TimeSpan within, CancellationToken cancellationToken)
    {
        try
        {
            await Eventually.BeTrueAsync(
                () => _host.HasExited ? throw new InvalidOperationException("The host has ended.") : Task.FromResult(condition()),
                what, within, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException)
        {
            throw new InvalidOperationException($"{exception.Message}\n{string.Join('\n', _output)}", exception);
        }
    }

    private static int Terminate => 15;

    private static int Stop => OperatingSystem.IsMacOS() ? 17 : 19;

    private static int Continue => OperatingSystem.IsMacOS() ? 19 : 18;

    private static void Signal(int process, int signal) => _ = SendSignal(process, signal);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
