using System.Diagnostics;
using System.Text.Json;

namespace McpAspire.AuthServer.Tests.Interop;

/// <summary>A script of Node.js that the test drives: it asks for a browser and tells its steps (script.mjs is its side).</summary>
internal static class NodeScript
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>Runs it to its end.</summary>
    /// <param name="folder">Where it and its packages lie.</param>
    /// <param name="script">Its file.</param>
    /// <param name="settings">What it finds as <c>settings</c>.</param>
    /// <param name="open">Opens a URL as the person; gives the URL where the browser ended.</param>
    /// <returns>The steps that it did, in turn.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message is what it wrote.</exception>
    internal static async Task<IReadOnlyList<string>> RunAsync(string folder, string script, object settings, Func<Uri, Task<Uri>> open)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Deadline);
        using var process = Process.Start(new ProcessStartInfo("node", script)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment = { ["SETTINGS"] = JsonSerializer.Serialize(settings, JsonSerializerOptions.Web) },
        })!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var steps = await ListenAsync(process, open, limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0
                ? steps
                : throw new InvalidOperationException($"{script} failed after [{string.Join(", ", steps)}]: {await errors}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<List<string>> ListenAsync(Process process, Func<Uri, Task<Uri>> open, CancellationToken cancellationToken)
    {
        var steps = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith('{'))
            {
                continue;
            }

            var message = JsonDocument.Parse(line).RootElement;
            if (message.TryGetProperty("open", out var url))
            {
                await process.StandardInput.WriteLineAsync((await open(new Uri(url.GetString()!))).AbsoluteUri.AsMemory(), cancellationToken);
            }
            else
            {
                steps.Add(message.GetProperty("did").GetString()!);
            }
        }

        return steps;
    }
}
