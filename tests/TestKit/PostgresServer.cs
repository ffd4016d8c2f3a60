using System.Diagnostics;

namespace McpAspire.TestKit;

/// <summary>
/// A real PostgreSQL server: from the installed binaries, with data of its own (gone at the end), on loopback only. One is
/// shared by all tests of a process; a test that stops its server starts its own. It ends with the test process, however
/// that ends.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    // PostgreSQL refuses to run as root; Debian's package brings a user for it.
    private const string ServerUser = "postgres";

    /// <summary>
    /// Does what the lines on its standard input say, and answers each with a line. The input is a pipe from the test
    /// process, so it learns of that one's end. After a kill the remains of the old server may keep a new one from starting at first.
    /// </summary>
    private const string Script =
        """
        trap '' INT
        bin=$1 folder=$2 port=$3
        control() { "$bin/pg_ctl" -D "$folder/data" "$@" >> "$folder/control.log" 2>&1; }
        start() { control start -w -l "$folder/server.log" -o "-p $port -h 127.0.0.1 -c unix_socket_directories= -c max_connections=300"; }
        "$bin/initdb" -D "$folder/data" -U test -A scram-sha-256 --pwfile="$folder/password" -E UTF8 --locale=C --no-sync > "$folder/initdb.log" 2>&1 || exit 1
        while read -r command; do
          case $command in
            start) start || { sleep 0.5; start; } || { sleep 5; start; } || exit 1 ;;
            stop) control stop -m fast ;;
            kill) kill -KILL "$(head -n 1 "$folder/data/postmaster.pid")" ;;
          esac
          echo "$command"
        done
        control stop -m immediate
        rm -rf "$folder"
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly Lazy<Task<PostgresServer>> One = new(StartNewAsync);

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
    public static async Task<string> NewDatabaseAsync() => await (await SharedAsync()).MakeDatabaseAsync();

    /// <summary>The one server that all tests of this process share.</summary>
    public static Task<PostgresServer> SharedAsync() => One.Value;

    /// <summary>Starts a server for one test alone.</summary>
    public static async Task<PostgresServer> StartNewAsync()
    {
        if (Missing is not null)
        {
            throw new InvalidOperationException(Missing);
        }

        var server = new PostgresServer();
        server.StartScript();
        await server.StartAsync();
        return server;
    }

    /// <summary>Why a tool of PostgreSQL can't be run on this machine, for a test to skip with; null where it can.</summary>
    /// <param name="tool">Its name, such as <c>pg_dump</c>.</param>
    public static string? MissingTool(string tool) => Missing
        ?? (File.Exists(Path.Combine(Binaries!, tool)) ? null : $"No {tool} beside the PostgreSQL server: install its client too.");

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> MakeDatabaseAsync()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await RunAsync("createdb", name);
        // The pools of services that are gone would else keep their connections for minutes.
        return $"Host=127.0.0.1;Port={_port};Username=test;Password={_password};Database={name};Connection Idle Lifetime=6;Connection Pruning Interval=2";
    }

    /// <summary>Starts it again, at the same port with the same data, and waits until it answers.</summary>
    public Task StartAsync() => TellAsync("start");

    /// <summary>Stops it as an operator does (mode "fast"): connections are told to end, what is under way is rolled back.</summary>
    public Task StopAsync() => TellAsync("stop");

    /// <summary>Kills the server's first process (SIGKILL). The others, one for each connection, end when they notice.</summary>
    public Task KillAsync() => TellAsync("kill");

    /// <summary>Runs a tool of PostgreSQL as the server's administrator.</summary>
    /// <param name="tool">Its name, such as <c>pg_dump</c>.</param>
    /// <param name="arguments">What to say besides how to reach the server.</param>
    /// <exception cref="InvalidOperationException">It failed; the message is what it wrote.</exception>
    public async Task RunAsync(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Path.Combine(Binaries!, tool), ["-h", "127.0.0.1", "-p", $"{_port}", "-U", "test", .. arguments])
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["PGPASSWORD"] = _password;
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{tool} failed: {errors}");
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _process!.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
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

    private void StartScript()
    {
        File.WriteAllText(Path.Combine(_folder, "password"), _password);
        string[] command = ["sh", "-c", Script, "postgres-of-the-tests", Binaries!, _folder, $"{_port}"];
        if (Environment.IsPrivilegedProcess)
        {
            using var given = Process.Start("chown", ["-R", ServerUser, _folder]);
            given.WaitForExit();
            command = ["runuser", "-u", ServerUser, "--", .. command];
        }

        _process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
            UseShellExecute = false,
        });
    }

    private async Task TellAsync(string command)
    {
        using var limit = new CancellationTokenSource(Patience);
        await _process!.StandardInput.WriteLineAsync(command.AsMemory(), limit.Token);
        await _process.StandardInput.FlushAsync(limit.Token);
        if (await _process.StandardOutput.ReadLineAsync(limit.Token) != command)
        {
            throw new InvalidOperationException($"PostgreSQL did not {command}. {_folder} has its logs.");
        }
    }
}
