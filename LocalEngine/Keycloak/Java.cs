using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace McpAspire.LocalEngine.Keycloak;

/// <summary>The Java that Keycloak's script will take: <c>JAVA</c>, else that of <c>JAVA_HOME</c>, else the one on the PATH.</summary>
internal static partial class Java
{
    private const int Oldest = 17;

    private static string Program =>
        Environment.GetEnvironmentVariable("JAVA") is { Length: > 0 } java ? java
        : Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } home ? Path.Combine(home, "bin", "java")
        : "java";

    /// <summary>What is wrong with it; null where nothing is.</summary>
    internal static async ValueTask<string?> FindObstacleAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Program, ["-version"]) { RedirectStandardError = true, RedirectStandardOutput = true });
            var answer = await process!.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            return Major(answer) is not { } major ? $"Keycloak needs Java {Oldest} or newer, and '{Program} -version' does not say which it is"
                : major < Oldest ? $"Keycloak needs Java {Oldest} or newer, and {Program} is {major}. Set JAVA_HOME to a newer one"
                : null;
        }
        catch (Win32Exception)
        {
            return $"Keycloak needs Java {Oldest} or newer, and there is no {Program}. Install one, or set JAVA_HOME";
        }
    }

    /// <summary>The feature release of <c>java -version</c>, whose form was <c>1.8.0</c> once.</summary>
    internal static int? Major(string answer) =>
        Version().Match(answer) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex("version \"(?:1\\.)?(\\d+)")]
    private static partial Regex Version();
}
