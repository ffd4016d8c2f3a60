using System.Globalization;
using System.Runtime.InteropServices;

namespace McpAspire.Bench;

/// <summary>CPU time of a process and its children, from /proc.</summary>
internal static class ProcessTime
{
    private const int ClockTicksName = 2;

    private static readonly double TicksPerSecond = SysConf(ClockTicksName);

    internal static TimeSpan OfTree(int process)
    {
        var all = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
            .OfType<Stat>().ToArray();
        var tree = new HashSet<int> { process };
        while (all.Any(stat => tree.Contains(stat.Parent) && tree.Add(stat.Id)))
        {
            // Until a round finds no further child.
        }

        return TimeSpan.FromSeconds(all.Where(stat => tree.Contains(stat.Id)).Sum(stat => stat.Ticks) / TicksPerSecond);
    }

    private static Stat? Read(int id)
    {
        try
        {
            // The name, in parentheses, may hold anything; what follows is numbers (proc_pid_stat(5)).
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return new Stat(id, Number(fields[1]), Number(fields[11]) + Number(fields[12]));
        }
        catch (IOException)
        {
            // It has just ended.
            return null;
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [DllImport("libc", EntryPoint = "sysconf")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern long SysConf(int name);

    private sealed record Stat(int Id, int Parent, long Ticks);
}
