using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace McpAspire.LocalEngine.Ports;

/// <summary>Finds the process that listens on a port, where this machine lets us see it.</summary>
internal static class PortHolder
{
    private static readonly string[] SocketTables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>" by NAME (process N)", or nothing where it cannot be seen.</summary>
    internal static string Describe(int port)
    {
        var found = OperatingSystem.IsLinux() ? FromProc(port) : OperatingSystem.IsMacOS() ? FromLsof(port) : null;
        return found is var (pid, name) ? $" by {name} (process {pid})" : "";
    }

    private static (int Pid, string Name)? FromProc(int port)
    {
        var sockets = SocketsListeningOn(port).Select(inode => $"socket:[{inode}]").ToHashSet();
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out var pid) && Holds(process, sockets))
            {
                return (pid, File.ReadAllText(Path.Combine(process, "comm")).Trim());
            }
        }

        return null;
    }

    /// <summary>Lines of /proc/net/tcp: slot, local address:port in hex, remote, state (0A listens), …, inode as the tenth field.</summary>
    private static IEnumerable<string> SocketsListeningOn(int port)
    {
        var suffix = $":{port:X4}";
        return SocketTables
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[3] == "0A" && fields[1].EndsWith(suffix, StringComparison.Ordinal))
            .Select(fields => fields[9]);
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Any(handle => new FileInfo(handle).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false; // Another user's process, or one that has just ended.
        }
    }

    private static (int Pid, string Name)? FromLsof(int port)
    {
        try
        {
            using var lsof = Process.Start(new ProcessStartInfo("lsof", ["-nP", $"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"]) { RedirectStandardOutput = true });
            var fields = lsof!.StandardOutput.ReadToEnd().Split('\n');
            var pid = Array.Find(fields, field => field.StartsWith('p'));
            var name = Array.Find(fields, field => field.StartsWith('c'));
            return pid is null || name is null ? null : (int.Parse(pid[1..], CultureInfo.InvariantCulture), name[1..]);
        }
        catch (Win32Exception)
        {
            return null; // No lsof here.
        }
    }
}
