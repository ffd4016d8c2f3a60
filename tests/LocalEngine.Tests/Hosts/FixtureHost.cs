using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using McpAspire.LocalEngine.Fixture;
using McpAspire.TestKit;

namespace McpAspire.LocalEngine.Tests.Hosts;

/// <summary>The fixture's stack in a host of its own, as a person would run it.</summary>
internal sealed partial class FixtureHost : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private FixtureHost(string data, string[] arguments)
    {
        Data = data;
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(FixtureProject).Assembly.Location, "--data", data, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("DOTNET_LAUNCH_PROFILE");
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal string Data { get; }

    internal IReadOnlyList<string> Output => [.. _output];

    internal static FixtureHost Begin(string data, params string[] arguments) => new(data, arguments);

    /// <summary>Starts it and waits until all is well.</summary>
    internal static async Task<FixtureHost> StartAsync(string data, params string[] arguments)
    {
        var host = new FixtureHost(data, arguments);
        await host.SaysAsync("Started in");
        return host;
    }

    internal Task SaysAsync(string text, TimeSpan? within = null) =>
        UntilAsync(() => Output.Any(line => line.Contains(text, StringComparison.Ordinal)), $"the host says '{text}'", within);

    internal async Task UntilAsync(Func<bool> condition, string what, TimeSpan? within = null)
    {
        try
        {
            await Eventually.BeTrueAsync(() => Task.FromResult(condition()), what, within ?? TimeSpan.FromSeconds(60), Cancellation);
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException($"{e.Message}\n{string.Join('\n', Output)}", e);
        }
    }

    internal async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync(Cancellation);
        return _process.ExitCode;
    }

    /// <summary>The processes that it said it started, the latest of each resource.</summary>
    internal Dictionary<string, int> Processes() => Output
        .Select(line => StartedLine().Match(line))
        .Where(match => match.Success)
        .GroupBy(match => match.Groups["name"].Value)
        .ToDictionary(starts => starts.Key, starts => int.Parse(starts.Last().Groups["id"].Value, CultureInfo.InvariantCulture));

    internal int GrandchildOf(string resource) => int.Parse(
        Output.Last(line => line.StartsWith(resource, StringComparison.Ordinal) && line.Contains("| grandchild ", StringComparison.Ordinal)).Split(' ')[^1],
        CultureInfo.InvariantCulture);

    internal string UrlOf(string resource) =>
        HealthyLine().Match(Output.Last(line => line.StartsWith(resource, StringComparison.Ordinal) && HealthyLine().IsMatch(line))).Groups["url"].Value;

    internal int Id => _process.Id;

    internal void Signal(string signal) => Signals.Send(signal, _process.Id);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signal("KILL");
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    [GeneratedRegex(@"^(?<name>\S+) +\| started as process (?<id>\d+)$")]
    private static partial Regex StartedLine();

    [GeneratedRegex(@"\| healthy at (?<url>\S+)$")]
    private static partial Regex HealthyLine();
}
