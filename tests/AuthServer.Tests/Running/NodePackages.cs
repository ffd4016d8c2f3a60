using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>Installs the npm packages of a folder beside the tests into the cache under the repository's artifacts, once for each lock file.</summary>
internal static class NodePackages
{
    private const int OldestNode = 20;

    /// <summary>The folder that is ready to run.</summary>
    /// <param name="name">The folder's name beside the tests.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The folder, or what is missing for it.</returns>
    internal static async Task<(string? Folder, string? Missing)> InstallAsync(string name, CancellationToken cancellationToken)
    {
        if (await VersionAsync(cancellationToken) < OldestNode)
        {
            return (null, $"No Node.js: install version {OldestNode} or newer.");
        }

        var source = Path.Combine(AppContext.BaseDirectory, name);
        var cache = typeof(NodePackages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Cache").Value!;
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetFullPath(cache), name)).FullName;
        var installed = Path.Combine(folder, "installed-lock.json");
        var lockFile = Path.Combine(source, "package-lock.json");
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        if (!File.Exists(installed) || await File.ReadAllTextAsync(installed, cancellationToken) != await File.ReadAllTextAsync(lockFile, cancellationToken))
        {
            var (npm, output) = await RunAsync(Program("npm"), "ci --ignore-scripts --no-audit --no-fund", folder, cancellationToken);
            if (npm != 0)
            {
                return (null, $"npm could not install the packages of {name}: {output}");
            }

            File.Copy(lockFile, installed, overwrite: true);
        }

        return (folder, null);
    }

    /// <summary>The major version of the machine's Node.js; 0 where there is none.</summary>
    /// <param name="cancellationToken">Stops the work.</param>
    internal static async Task<int> VersionAsync(CancellationToken cancellationToken)
    {
        var (node, version) = await RunAsync(Program("node"), "--version", ".", cancellationToken);
        return node == 0 && int.TryParse(version.TrimStart('v').Split('.')[0], CultureInfo.InvariantCulture, out var major) ? major : 0;
    }

    /// <summary>Windows has npm as a script of its own kind.</summary>
    private static string Program(string name) => OperatingSystem.IsWindows() && name == "npm" ? "npm.cmd" : name;

    private static async Task<(int Code, string Output)> RunAsync(string program, string arguments, string folder, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, output.Trim() + (await errors).Trim());
        }
        catch (Win32Exception exception)
        {
            return (-1, $"{program} can't be started: {exception.Message}");
        }
    }
}
