namespace McpAspire.LocalEngine.Tests.Hosts;

public sealed class DataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DataTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), Signals.WindowsHasNone);

    [Fact]
    public async Task Two_hosts_do_not_share_a_data_folder_and_reset_does_not_touch_one_in_use()
    {
        await using var host = await FixtureHost.StartAsync(_folder["data"]);
        var secrets = await File.ReadAllTextAsync(Path.Combine(host.Data, "secrets.json"), FixtureHost.Cancellation);
        await using var other = FixtureHost.Begin(_folder["data"], "--reset");
        Assert.Equal(1, await other.ExitCodeAsync());
        await other.SaysAsync($"Another host (process {host.Id}) uses the data folder");
        Assert.Equal(secrets, await File.ReadAllTextAsync(Path.Combine(host.Data, "secrets.json"), FixtureHost.Cancellation));
    }

    [Fact]
    public async Task Reset_begins_with_new_secrets_and_no_reset_keeps_the_old()
    {
        var first = await SecretsAfterRunAsync();
        Assert.Equal(first, await SecretsAfterRunAsync());
        Assert.NotEqual(first, await SecretsAfterRunAsync("--reset"));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> SecretsAfterRunAsync(params string[] arguments)
    {
        await using var host = await FixtureHost.StartAsync(_folder["data"], arguments);
        host.Signal("TERM");
        Assert.Equal(0, await host.ExitCodeAsync());
        return await File.ReadAllTextAsync(Path.Combine(host.Data, "secrets.json"), FixtureHost.Cancellation);
    }
}
