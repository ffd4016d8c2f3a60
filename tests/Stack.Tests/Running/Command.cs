using System.Diagnostics;

namespace McpAspire.Stack.Tests.Running;

/// <summary>A program that runs to its end.</summary>
internal static class Command
{
    /// <summary>Runs a program and says how it ended; a program that is not there ends with -1.</summary>
    internal static (int ExitCode, string Output) Run(
        IReadOnlyDictionary<string, string> environment, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.GetAwaiter().GetResult());
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            return (-1, exception.Message);
        }
    }

    /// <summary>True where Debian's packages may be installed: as root, with CI set.</summary>
    internal static bool MayInstallByApt { get; } =
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && File.Exists("/usr/bin/apt-get")
        && !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));

    /// <summary>Installs a Debian package, where that may be done.</summary>
    internal static bool InstallByApt(string package)
    {
        var quietly = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" };
        return MayInstallByApt
            && Run(quietly, "apt-get", "update", "-qq").ExitCode == 0
            && Run(quietly, "apt-get", "install", "-y", "-qq", package).ExitCode == 0;
    }
}
