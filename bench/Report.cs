using System.Globalization;

namespace McpAspire.Bench;

/// <summary>Prints what was measured.</summary>
internal static class Report
{
    internal static void Print(IReadOnlyList<Measured> results, IReadOnlyList<ITarget> targets, BenchOptions options)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            {options.Connections} connections, {options.WarmUp.TotalSeconds:0} s warm-up, {options.Rounds} × {options.Measured.TotalSeconds:0} s each, {Environment.ProcessorCount} cores, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the end.
            Clients, keys and answers are alike: access tokens of AuthServer are ES256. AuthServer's CPU time includes its Redis{(options.Redis is null ? "" : ", but not here: it was given one")}.

            | request | server | requests/s | requests per CPU-second | CPU a request | of it Redis | AuthServer is |
            |---|---|---|---|---|---|---|
            """));
        foreach (var scenario in options.Scenarios)
        {
            var ours = results.Single(result => result.Scenario == scenario && result.Target == targets[0]);
            foreach (var result in results.Where(result => result.Scenario == scenario))
            {
                var ratio = result == ours ? "" : string.Create(CultureInfo.InvariantCulture, $"{ours.PerCpuSecond / result.PerCpuSecond:0.0} ×");
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {scenario.Name} | {result.Target.Name} | {result.Requests / result.Time.TotalSeconds:0} | {result.PerCpuSecond:0} | {1000 / result.PerCpuSecond:0.00} ms | {result.HelperCpu / result.Cpu:0 %} | {ratio} |"));
            }
        }
    }
}
