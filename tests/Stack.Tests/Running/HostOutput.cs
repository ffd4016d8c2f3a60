using System.Globalization;
using System.Text.RegularExpressions;

namespace McpAspire.Stack.Tests.Running;

/// <summary>Reads what the host says of its processes.</summary>
internal static partial class HostOutput
{
    /// <summary>The id of a resource's latest process: the host says it at each start.</summary>
    internal static int? LatestProcessId(IEnumerable<string> output, string resource) => output
        .Select(line => Started().Match(line))
        .Where(match => match.Success && match.Groups["resource"].Value == resource)
        .Select(match => (int?)int.Parse(match.Groups["id"].ValueSpan, CultureInfo.InvariantCulture))
        .LastOrDefault();

    /// <summary>How often a resource came back after a crash.</summary>
    internal static int HealthyAgain(IEnumerable<string> output, string resource) => output.Count(line =>
        line.StartsWith(resource, StringComparison.Ordinal) && line.EndsWith("| healthy again", StringComparison.Ordinal));

    [GeneratedRegex(@"^(?<resource>\S+)\s+\| started as process (?<id>\d+)")]
    private static partial Regex Started();
}
