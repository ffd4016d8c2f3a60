using System.Diagnostics;
using System.Globalization;

namespace McpAspire.LocalEngine.Tests.Hosts;

internal static class Signals
{
    internal const string WindowsHasNone = "Signals and process groups are Unix's; on Windows a job object does this work.";

    internal static void Send(string signal, int process)
    {
        using var kill = Process.Start("kill", ["-s", signal, process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Whether the process lives; a zombie does not.</summary>
    internal static bool IsAlive(int process)
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", ["-o", "stat=", "-p", process.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        });
        return ps!.StandardOutput.ReadToEnd().Trim() is { Length: > 0 } state && state[0] != 'Z';
    }

    /// <summary>The permissions of a file or folder. Tests that ask are skipped on Windows.</summary>
    internal static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);
}
