using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace McpAspire.LocalEngine.Tests.Hosts;

public sealed class LifecycleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LifecycleTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), Signals.WindowsHasNone);

    private static TimeSpan StopWithin => TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Resources_start_one_after_the_other_and_stop_in_reverse_order()
    {
        await using var host = await FixtureHost.StartAsync(_folder["data"]);
        Assert.True(Index(host, "store  | healthy") < Index(host, "first  | started as"));
        Assert.True(Index(host, "first  | healthy") < Index(host, "second | started as"));
        await host.SaysAsync($"Open Fixture at {host.UrlOf("second")}");

        var processes = host.Processes();
        var watch = Stopwatch.StartNew();
        host.Signal("TERM");
        Assert.Equal(0, await host.ExitCodeAsync());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, StopWithin);
        Assert.Equal(3, processes.Count);
        Assert.DoesNotContain(processes.Values, Signals.IsAlive);
    }

    [Fact]
    public async Task A_service_gets_its_environment()
    {
        await using var host = await FixtureHost.StartAsync(_folder["data"]);
        using var http = new HttpClient();
        var first = host.UrlOf("first");
        var environment = await http.GetFromJsonAsync<Dictionary<string, string>>(new Uri($"{first}/environment"), FixtureHost.Cancellation);
        Assert.Equal(first, environment!["ASPNETCORE_URLS"]);
        Assert.Equal("first", environment["OTEL_SERVICE_NAME"]);
        Assert.StartsWith($"localhost:{environment["STORE_PORT"]},password=", environment["ConnectionStrings__store"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crashed_service_is_started_again_and_the_others_go_on()
    {
        await using var host = await FixtureHost.StartAsync(_folder["data"]);
        var before = host.Processes();
        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri($"{host.UrlOf("first")}/crash"), FixtureHost.Cancellation));

        await host.SaysAsync("first  | crashed (exit code 7); restarting in 1 s (try 1 of 5)");
        await host.SaysAsync("first  | healthy again");
        var after = host.Processes();
        Assert.NotEqual(before["first"], after["first"]);
        Assert.Equal(before["second"], after["second"]);
        Assert.True(Signals.IsAlive(after["second"]));
    }

    [Fact]
    public async Task Nothing_outlives_a_host_that_was_killed()
    {
        await using var host = await FixtureHost.StartAsync(_folder["data"], "--Fixture:first=parent", "--Fixture:second=stubborn+parent");
        int[] processes = [.. host.Processes().Values, host.GrandchildOf("first"), host.GrandchildOf("second")];
        Assert.Equal(5, processes.Length);
        Assert.All(processes, process => Assert.True(Signals.IsAlive(process)));

        host.Signal("KILL");
        await host.UntilAsync(() => !processes.Any(Signals.IsAlive), "all processes are gone", StopWithin);
    }

    [Fact]
    public async Task Nothing_outlives_a_host_that_was_killed_although_someone_ended_its_guardian()
    {
        await using var host = await FixtureHost.StartAsync(_folder["data"]);
        var guardian = GuardianOf(host);
        Signals.Send("KILL", guardian);
        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri($"{host.UrlOf("first")}/crash"), FixtureHost.Cancellation));
        await host.SaysAsync("first  | healthy again");

        int[] processes = [.. host.Processes().Values];
        host.Signal("KILL");
        await host.UntilAsync(() => !processes.Any(Signals.IsAlive), "all processes are gone", StopWithin);
    }

    [Fact]
    public async Task A_process_that_takes_no_notice_is_ended_with_force()
    {
        await using var host = await FixtureHost.StartAsync(_folder["data"], "--Fixture:second=stubborn");
        int[] processes = [.. host.Processes().Values];
        var watch = Stopwatch.StartNew();
        host.Signal("TERM");
        Assert.Equal(0, await host.ExitCodeAsync());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, StopWithin);
        Assert.DoesNotContain(processes, Signals.IsAlive);
    }

    [Fact]
    public async Task A_second_signal_stops_at_once()
    {
        await using var host = await FixtureHost.StartAsync(_folder["data"], "--Fixture:second=stubborn+parent");
        int[] processes = [.. host.Processes().Values, host.GrandchildOf("second")];
        host.Signal("TERM");
        await host.SaysAsync("Stopping");
        var watch = Stopwatch.StartNew();
        host.Signal("TERM");
        await host.ExitCodeAsync();
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2.5));
        await host.UntilAsync(() => !processes.Any(Signals.IsAlive), "all processes are gone", StopWithin);
    }

    [Fact]
    public async Task A_taken_port_is_named_with_its_resource_and_its_holder()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var host = FixtureHost.Begin(_folder["data"], $"--Ports:second={port}");
        Assert.Equal(1, await host.ExitCodeAsync());
        await host.SaysAsync($"Port {port} of second is taken");
        await host.SaysAsync("--Ports:second=N");
        if (OperatingSystem.IsLinux())
        {
            await host.SaysAsync($"(process {Environment.ProcessId})");
        }

        Assert.Empty(host.Processes());
    }

    [Fact]
    public async Task The_host_refuses_arguments_that_it_does_not_know_and_shows_its_help()
    {
        await using var host = FixtureHost.Begin(_folder["data"], "--bogus");
        Assert.Equal(2, await host.ExitCodeAsync());
        await host.SaysAsync("Unknown argument: --bogus");
        await host.SaysAsync("--reset");
        Assert.False(Directory.Exists(_folder["data"]));
    }

    public void Dispose() => _folder.Dispose();

    private static int Index(FixtureHost host, string text) => host.Output.ToList().FindIndex(line => line.StartsWith(text, StringComparison.Ordinal));

    private static int GuardianOf(FixtureHost host)
    {
        using var pgrep = Process.Start(new ProcessStartInfo("pgrep", ["-P", $"{host.Id}", "-f", "local-engine-guardian"]) { RedirectStandardOutput = true });
        return int.Parse(pgrep!.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
