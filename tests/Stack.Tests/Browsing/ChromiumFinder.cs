using McpAspire.Stack.Tests.Running;

namespace McpAspire.Stack.Tests.Browsing;

/// <summary>
/// Finds a Chromium: one that is installed; else Debian's by apt, only as root and with CI set; else Playwright's own
/// download; else none, and why.
/// </summary>
internal static class ChromiumFinder
{
    private static readonly string[] Names =
        ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge-stable", "microsoft-edge", "chrome.exe", "msedge.exe"];

    /// <summary>A browser's path, null for Playwright's own; or the reason why there is none.</summary>
    internal sealed record Found(string? Path, string? WhyNot);

    internal static Found Find()
    {
        if (Installed() is { } installed)
        {
            return new Found(installed, null);
        }

        if (Command.InstallByApt("chromium") && Installed() is { } fresh)
        {
            return new Found(fresh, null);
        }

        return Microsoft.Playwright.Program.Main(["install", "chromium"]) == 0
            ? new Found(null, null)
            : new Found(null, "no Chromium is installed and none could be downloaded; install Chromium, Chrome or Edge to run the browser tests");
    }

    private static string? Installed() => Folders()
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
        .Append("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
        .Append("/Applications/Chromium.app/Contents/MacOS/Chromium")
        .FirstOrDefault(File.Exists);

    private static IEnumerable<string> Folders()
    {
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            yield return folder;
        }

        if (OperatingSystem.IsWindows())
        {
            foreach (var root in (Environment.SpecialFolder[])[Environment.SpecialFolder.ProgramFiles, Environment.SpecialFolder.ProgramFilesX86])
            {
                yield return Path.Combine(Environment.GetFolderPath(root), "Google", "Chrome", "Application");
                yield return Path.Combine(Environment.GetFolderPath(root), "Microsoft", "Edge", "Application");
            }
        }
    }
}
