using System.Diagnostics;
using McpAspire.TestKit;

namespace McpAspire.Bench;

/// <summary>AuthServer's Redis (embedded Garnet) in a process of its own, so that its CPU time can be told from the load's.</summary>
internal sealed class RedisProcess : IDisposable
{
    private readonly Process _process;

    private RedisProcess(Process process, string connection)
    {
        _process = process;
        Connection = connection;
    }

    internal string Connection { get; }

    internal int Id => _process.Id;

    internal static RedisProcess Start()
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
                return new RedisProcess(process, line);
            }
        }

        throw new InvalidOperationException("The Redis of the benchmark did not start.");
    }

    /// <summary>The other side: serves until the standard input ends.</summary>
    internal static int Serve()
    {
        using var redis = new RedisServer();
        Console.WriteLine(redis.ConnectionString);
        Console.In.ReadToEnd();
        return 0;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
