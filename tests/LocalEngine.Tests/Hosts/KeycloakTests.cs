using System.Diagnostics;
using System.Net.Http.Json;
using McpAspire.LocalEngine.Keycloak;
using McpAspire.TestKit;

namespace McpAspire.LocalEngine.Tests.Hosts;

public sealed class KeycloakTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public KeycloakTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), Signals.WindowsHasNone);
        File.WriteAllText(_folder["lab.json"], """{ "realm": "lab", "enabled": true }""");
    }

    [Fact]
    public async Task Keycloak_serves_the_imported_realm_on_loopback_and_ends_with_a_killed_host()
    {
        Assert.SkipWhen(KeycloakDistribution.Find() is null, "KEYCLOAK_HOME names no Keycloak distribution.");
        var port = FreePort.Next();
        await using var host = FixtureHost.Begin(_folder["data"], $"--Fixture:realm={_folder["lab.json"]}", $"--Ports:accounts={port}");
        await host.SaysAsync("Started in", TimeSpan.FromMinutes(4));

        using var http = new HttpClient();
        var discovery = await http.GetFromJsonAsync<Dictionary<string, object>>(
            new Uri($"http://localhost:{port}/realms/lab/.well-known/openid-configuration"), FixtureHost.Cancellation);
        Assert.Equal($"http://localhost:{port}/realms/lab", discovery!["issuer"].ToString());

        using var pgrep = Process.Start(new ProcessStartInfo("pgrep", ["-f", $"kc.home.dir={_folder.Path}"]) { RedirectStandardOutput = true });
        int[] processes = [.. (await pgrep!.StandardOutput.ReadToEndAsync(FixtureHost.Cancellation))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => int.Parse(line, System.Globalization.CultureInfo.InvariantCulture))];
        Assert.NotEmpty(processes);

        host.Signal("KILL");
        await host.UntilAsync(() => !processes.Any(Signals.IsAlive), "Keycloak's Java is gone", TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Without_a_distribution_the_stack_starts_and_says_what_to_do()
    {
        Assert.SkipUnless(KeycloakDistribution.Find() is null, "There is a Keycloak on this machine.");
        await using var host = await FixtureHost.StartAsync(_folder["data"], $"--Fixture:realm={_folder["lab.json"]}");
        await host.SaysAsync("accounts | not available: no Keycloak on this machine. Unpack one and set KEYCLOAK_HOME");
        Assert.Contains(host.Output, line => line.Contains("| accounts | not available |", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();
}
