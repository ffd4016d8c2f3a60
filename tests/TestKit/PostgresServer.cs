using System.Diagnostics;

namespace McpAspire.TestKit;

/// <summary>
/// A real PostgreSQL server of this test process: from the installed binaries, with data of its own (gone at the end), on
/// loopback only. It ends with the test process, however that ends.
/// </summary>
public sealed class PostgresServer
{
    // PostgreSQL refuses to run as root; Debian's package brings a user for it.
    private const string ServerUser = "postgres";

    /// <summary>Its standard input is a pipe from the test process, so it learns of that one's end.</summary>
    private const string Script =
        """
        set -e
        "$1/initdb" -D "$2/data" -U test -A scram-sha-256 --pwfile="$2/password" -E UTF8 --locale=C --no-sync > "$2/initdb.log"
        "$1/postgres" -D "$2/data" -p "$3" -h 127.0.0.1 -c unix_socket_directories= -c max_connections=300 > "$2/server.log" 2>&1 &
        cat > /dev/null || true
        while kill -INT $! 2> /dev/null; do sleep 0.1; done
        rm -rf "$2"
        """;

    private static readonly Lazy<Task<PostgresServer>> One = new(StartAsync);

    private static readonly string? Binaries = FindBinaries();

    private readonly string _password = Guid.NewGuid().ToString("N");
    private readonly int _port = FreePort.Next();
    private readonly string _folder = Directory.CreateTempSubdirectory("mcpaspire-postgres-").FullName;

    // Kept, since the end of this object would close the pipe.
    private Process? _process;

    private PostgresServer()
    {
    }

    /// <summary>Why it can't run on this machine, for a test to skip with; null where it can.</summary>
    public static string? Missing { get; } = FindMissing();

    /// <summary>Makes an empty database, on the one server that all tests of this process share.</summary>
    /// <returns>Its connection string.</returns>
    public static async Task<string> NewDatabaseAsync()
    {
        var server = await One.Value;
        var name = $"test_{Guid.NewGuid():N}";
        var (exitCode, errors) = await server.RunAsync("createdb", name);
        return exitCode == 0
            ? $"Host=127.0.0.1;Port={server._port};Username=test;Password={server._password};Database={name}"
            : throw new InvalidOperationException($"createdb failed: {errors}");
    }

    private static async Task<PostgresServer> StartAsync()
    {
        if (Missing is not null)
        {
            throw new InvalidOperationException(Missing);
        }

        var server = new PostgresServer();
        server.Start();
        await Eventually.BeTrueAsync(
            async () => server._process!.HasExited
                ? throw new InvalidOperationException($"PostgreSQL did not start. {server._folder} has its logs.")
                : (await server.RunAsync("pg_isready")).ExitCode == 0,
            "PostgreSQL answers", TimeSpan.FromMinutes(1));
        return server;
    }

    private static string? FindBinaries()
    {
        string[] places =
        [
            .. Directory.Exists("/usr/lib/postgresql")
                ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(place => place, StringComparer.Ordinal).Select(place => Path.Combine(place, "bin"))
                : [],
            .. (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator),
        ];
        return Array.Find(places, place => File.Exists(Path.Combine(place, "initdb")) && File.Exists(Path.Combine(place, "postgres")));
    }

    private static string? FindMissing()
    {
        if (OperatingSystem.IsWindows())
        {
            return "The tests start PostgreSQL on Linux and macOS only.";
        }

        if (Binaries is null)
        {
            return "No PostgreSQL: install the server, for example with 'apt-get install postgresql'.";
        }

        return Environment.IsPrivilegedProcess && !File.ReadLines("/etc/passwd").Any(line => line.StartsWith(ServerUser + ":", StringComparison.Ordinal))
            ? $"PostgreSQL does not run as root, and there is no user '{ServerUser}'."
            : null;
    }

    private void Start()
    {
        File.WriteAllText(Path.Combine(_folder, "password"), _password);
        string[] command = ["sh", "-c", Script, "postgres-of-the-tests", Binaries!, _folder, $"{_port}"];
        if (Environment.IsPrivilegedProcess)
        {
            using var given = Process.Start("chown", ["-R", ServerUser, _folder]);
            given.WaitForExit();
            command = ["runuser", "-u", ServerUser, "--", .. command];
        }

        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, WorkingDirectory = "/", UseShellExecute = false };
        _process = Process.Start(start);
    }

    private async Task<(int ExitCode, string Errors)> RunAsync(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Path.Combine(Binaries!, tool), ["-h", "127.0.0.1", "-p", $"{_port}", "-U", "test", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["PGPASSWORD"] = _password;
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, errors);
    }
}
