using System.Diagnostics;
using McpAspire.LocalEngine.Running;
using StackExchange.Redis;

namespace McpAspire.LocalEngine.Tests.Hosts;

public sealed class RedisTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RedisTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), Signals.WindowsHasNone);

    [Theory]
    [InlineData("embedded")]
    [InlineData("installed")]
    public async Task What_Redis_acknowledged_survives_its_being_killed(string kind)
    {
        SkipWithout(kind);
        await using var host = await FixtureHost.StartAsync(_folder["data"], $"--LocalEngine:Redis={kind}");
        using (var redis = await ConnectAsync(host))
        {
            await redis.GetDatabase().StringSetAsync("kept", "yes");
            Signals.Send("KILL", host.Processes()["store"]);
        }

        await host.SaysAsync("store  | healthy again");
        using var again = await ConnectAsync(host);
        Assert.Equal("yes", await again.GetDatabase().StringGetAsync("kept"));
    }

    [Theory]
    [InlineData("embedded", true)]
    [InlineData("embedded", false)]
    [InlineData("installed", true)]
    [InlineData("installed", false)]
    public async Task Data_live_as_long_as_the_description_says(string kind, bool keep)
    {
        SkipWithout(kind);
        string[] arguments = [$"--LocalEngine:Redis={kind}", $"--Fixture:keep={(keep ? "yes" : "no")}"];
        await using (var host = await FixtureHost.StartAsync(_folder["data"], arguments))
        {
            using var redis = await ConnectAsync(host);
            await redis.GetDatabase().StringSetAsync("kept", "yes");
            host.Signal("TERM");
            await host.ExitCodeAsync();
        }

        await using var next = await FixtureHost.StartAsync(_folder["data"], arguments);
        using var again = await ConnectAsync(next);
        Assert.Equal(keep, await again.GetDatabase().KeyExistsAsync("kept"));
    }

    [Theory]
    [InlineData("embedded")]
    [InlineData("installed")]
    public async Task The_password_is_demanded_and_shown_nowhere(string kind)
    {
        SkipWithout(kind);
        await using var host = await FixtureHost.StartAsync(_folder["data"], $"--LocalEngine:Redis={kind}");
        var password = Password(host);
        Assert.True(password.Length >= 22);
        await Assert.ThrowsAnyAsync<RedisException>(async () =>
        {
            using var stranger = await ConnectionMultiplexer.ConnectAsync($"{Address(host)},abortConnect=true,connectRetry=0,connectTimeout=2000");
            await stranger.GetDatabase().PingAsync();
        });

        using var ps = Process.Start(new ProcessStartInfo("ps", ["-eo", "args"]) { RedirectStandardOutput = true });
        Assert.DoesNotContain(password, await ps!.StandardOutput.ReadToEndAsync(FixtureHost.Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain(host.Output, line => line.Contains(password, StringComparison.Ordinal));
        foreach (var file in Directory.EnumerateFiles(host.Data, "*", SearchOption.AllDirectories))
        {
            if (Path.GetExtension(file) is ".json" or ".conf")
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Signals.ModeOf(file));
            }
        }
    }

    [Fact]
    public async Task A_kind_that_does_not_exist_is_refused()
    {
        await using var host = FixtureHost.Begin(_folder["data"], "--LocalEngine:Redis=borrowed");
        Assert.Equal(1, await host.ExitCodeAsync());
        await host.SaysAsync("LocalEngine:Redis is 'installed' or 'embedded', not 'borrowed'");
    }

    public void Dispose() => _folder.Dispose();

    private static void SkipWithout(string kind) =>
        Assert.SkipWhen(kind == "installed" && Executables.Find("redis-server") is null, "No redis-server is installed here.");

    private static string Address(FixtureHost host) => host.UrlOf("store")["redis://".Length..];

    private static string Password(FixtureHost host) =>
        System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(host.Data, "secrets.json"))).RootElement.GetProperty("Parameters:store-password").GetString()!;

    private static Task<ConnectionMultiplexer> ConnectAsync(FixtureHost host) =>
        ConnectionMultiplexer.ConnectAsync($"{Address(host)},password={Password(host)}");
}
