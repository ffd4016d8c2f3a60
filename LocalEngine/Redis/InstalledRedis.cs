using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using McpAspire.LocalEngine.Data;
using McpAspire.LocalEngine.Processes;
using McpAspire.LocalEngine.Running;

namespace McpAspire.LocalEngine.Redis;

/// <summary>The redis-server of this machine.</summary>
internal sealed partial class InstalledRedis(string program) : RedisServer
{
    internal const int OldestMajor = 7;

    /// <summary>Finds it on the PATH; null where there is none, or one that is too old.</summary>
    internal static async ValueTask<InstalledRedis?> FindAsync(CancellationToken cancellationToken)
    {
        if (Executables.Find("redis-server") is not { } program)
        {
            return null;
        }

        using var process = Process.Start(new ProcessStartInfo(program, ["--version"]) { RedirectStandardOutput = true });
        var version = await process!.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        return Version().Match(version) is { Success: true } match
            && int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) >= OldestMajor
            ? new InstalledRedis(program)
            : null;
    }

    internal override ProcessSpec Prepare(string folder, RedisSettings settings)
    {
        // The file, not the command line: everyone on the machine can read the latter.
        List<RedisOption> options =
        [
            new("bind", ["127.0.0.1"]),
            new("port", [settings.PortText]),
            new("requirepass", [settings.Password]),
            new("dir", [settings.DataFolder]),
            new("save", [""]),
            new("loglevel", ["warning"]),
            .. settings.Options,
        ];
        var path = Path.Combine(folder, "redis.conf");
        PrivateFiles.Write(path, string.Concat(options.Select(option => $"{option.Name} {string.Join(' ', option.Values.Select(Quote))}\n")));
        return new ProcessSpec(program, [path], settings.DataFolder, new Dictionary<string, string>());
    }

    private static string Quote(string value) =>
        $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    [GeneratedRegex(@"\bv=(\d+)\.")]
    private static partial Regex Version();
}
