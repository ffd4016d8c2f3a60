using System.Diagnostics;
using System.Net.Sockets;
using McpAspire.TestKit;

namespace McpAspire.Bench;

/// <summary>
/// AuthServer's Redis in a process of its own, so that its CPU time can be told from the load's: the redis-server of this
/// machine, which writes down each change as the stack's does, or else an embedded Garnet.
/// </summary>
internal sealed class RedisProcess : IDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private RedisProcess(string name, Process process, DirectoryInfo folder, string connection) =>
        (Name, _process, _folder, Connection) = (name, process, folder, connection);

    internal string Name { get; }

    internal string Connection { get; }

    internal int Id => _process.Id;

    internal static async Task<RedisProcess> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("bench-redis-");
        return Installed() is { } program ? await InstalledAsync(program, folder) : Embedded(folder);
    }

    /// <summary>The embedded one's other side: serves until the standard input ends.</summary>
    internal static int Serve()
    {
        using var redis = new RedisServer();
        Console.WriteLine(redis.ConnectionString);
        Console.In.ReadToEnd();
        return 0;
    }

    public void Dispose()
    {
        // redis-server reads no input; it has nothing to lose here.
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string? Installed() => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);

    private static async Task<RedisProcess> InstalledAsync(string program, DirectoryInfo folder)
    {
        var port = FreePort.Next();
        var process = Process.Start(new ProcessStartInfo(
            program, ["--bind", "127.0.0.1", "--port", $"{port}", "--dir", folder.FullName, "--appendonly", "yes", "--auto-aof-rewrite-percentage", "0", "--save", "", "--loglevel", "warning"]))!;
        while (!process.HasExited)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", port);
                return new RedisProcess("redis-server", process, folder, $"127.0.0.1:{port}");
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        throw new InvalidOperationException($"{program} did not start.");
    }

    private static RedisProcess Embedded(DirectoryInfo folder)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(RedisProcess).Assembly.Location, "redis"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            // Garnet greets before us.
            if (line.StartsWith("127.0.0.1:", StringComparison.Ordinal))
            {
                return new RedisProcess("embedded Garnet", process, folder, line);
            }
        }

        throw new InvalidOperationException("The Redis of the benchmark did not start.");
    }
}
