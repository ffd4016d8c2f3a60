using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace McpAspire.TestKit;

/// <summary>
/// The real Keycloak, from the distribution that <c>KEYCLOAK_HOME</c> names: its own copy, its own data (H2, gone at the
/// end), loopback only. It takes half a minute and more to start, so share one per class.
/// </summary>
public sealed class KeycloakServer : IAsyncDisposable
{
    private const int KeptLines = 200;

    private static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(4);

    private readonly int _managementPort = FreePort.Next();
    private readonly string _home = Path.Combine(Path.GetTempPath(), $"mcpaspire-keycloak-{Guid.NewGuid():N}");
    private readonly ConcurrentQueue<string> _output = new();
    private readonly KeycloakOptions _options;
    private Process? _process;

    private KeycloakServer(KeycloakOptions options)
    {
        _options = options;
        Admin = new KeycloakAdmin(Url, "admin", AdminPassword);
    }

    /// <summary>Why it can't run on this machine, for a test to skip with; null where it can.</summary>
    public static string? Missing { get; } = FindMissing();

    /// <summary>The port that it listens on, on loopback.</summary>
    public int Port { get; } = FreePort.Next();

    /// <summary>Its URL, without a trailing slash.</summary>
    public string Url => $"http://localhost:{Port}";

    /// <summary>Its process, or the script's that runs it; 0 while it does not run.</summary>
    public int ProcessId => _process?.Id ?? 0;

    /// <summary>The password of its administrator, <c>admin</c>.</summary>
    public string AdminPassword { get; } = Guid.NewGuid().ToString("N");

    /// <summary>What it wrote in its last start, until it answered.</summary>
    public IReadOnlyCollection<string> StartOutput { get; private set; } = [];

    /// <summary>Its admin REST API.</summary>
    public KeycloakAdmin Admin { get; }

    /// <summary>The last lines that it wrote since its last start.</summary>
    public IReadOnlyCollection<string> Output => _output;

    private static string Script => OperatingSystem.IsWindows() ? "kc.bat" : "kc.sh";

    /// <summary>Copies the distribution, starts it and waits until it answers.</summary>
    /// <param name="options">What this one needs besides; nothing by default.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">It is <see cref="Missing"/>, or ended while starting.</exception>
    public static async Task<KeycloakServer> StartAsync(KeycloakOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (Missing is not null)
        {
            throw new InvalidOperationException(Missing);
        }

        var server = new KeycloakServer(options ?? new KeycloakOptions());
        try
        {
            server.CopyHome();
            await server.StartAgainAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The issuer of a realm.</summary>
    /// <param name="realm">The realm's name.</param>
    public string Issuer(string realm) => $"{Url}/realms/{realm}";

    /// <summary>Starts it, also after <see cref="StopAsync"/>: at the same port, with the data that it had.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(Path.Combine(_home, "bin", Script))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] arguments =
        [
            "start-dev", "--http-host", "127.0.0.1", "--http-port", $"{Port}",
            "--http-management-host", "127.0.0.1", "--http-management-port", $"{_managementPort}",
        ];
        IEnumerable<string> more = [.. _options.RealmFiles.Count > 0 ? ["--import-realm"] : Array.Empty<string>(), .. _options.KeepsItsName ? HostnameArguments() : [], .. _options.Arguments];
        foreach (var argument in arguments.Concat(more))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in _options.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["KC_BOOTSTRAP_ADMIN_USERNAME"] = "admin";
        start.Environment["KC_BOOTSTRAP_ADMIN_PASSWORD"] = AdminPassword;

        _output.Clear();
        var process = Process.Start(start)!;
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        await Eventually.BeTrueAsync(
            () => process.HasExited
                ? throw new InvalidOperationException($"Keycloak ended while it started: {string.Join('\n', _output)}")
                : Admin.AnswersAsync(cancellationToken),
            "Keycloak answers", StartDeadline, cancellationToken);
        StartOutput = [.. _output];
    }

    /// <summary>Kills it. What it stored in the last second may be lost, as with any kill.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Admin.Dispose();
        if (Directory.Exists(_home))
        {
            Directory.Delete(_home, recursive: true);
        }
    }

    private static string? FindMissing()
    {
        var home = Environment.GetEnvironmentVariable("KEYCLOAK_HOME");
        if (string.IsNullOrEmpty(home) || !File.Exists(Path.Combine(home, "bin", Script)))
        {
            return "No Keycloak: set KEYCLOAK_HOME to an unpacked distribution.";
        }

        try
        {
            var java = Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } javaHome ? Path.Combine(javaHome, "bin", "java") : "java";
            using var version = Process.Start(new ProcessStartInfo(java, "-version") { RedirectStandardError = true, UseShellExecute = false })!;
            version.StandardError.ReadToEnd();
            return null;
        }
        catch (Win32Exception)
        {
            return "Keycloak needs Java 17 or newer: install it or set JAVA_HOME.";
        }
    }

    private string[] HostnameArguments() => ["--hostname", Url, "--hostname-backchannel-dynamic", "true"];

    // start-dev writes into its own folders, and so several of them would get in each other's way.
    private void CopyHome()
    {
        var source = new DirectoryInfo(Environment.GetEnvironmentVariable("KEYCLOAK_HOME")!);
        foreach (var file in source.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(source.FullName, file.FullName);
            if (!path.StartsWith("data", StringComparison.Ordinal))
            {
                var target = Path.Combine(_home, path);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                file.CopyTo(target);
            }
        }

        var import = Directory.CreateDirectory(Path.Combine(_home, "data", "import"));
        foreach (var realm in _options.RealmFiles)
        {
            File.Copy(realm, Path.Combine(import.FullName, Path.GetFileName(realm)));
        }
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
            if (_output.Count > KeptLines)
            {
                _output.TryDequeue(out _);
            }
        }
    }
}

/// <summary>What a <see cref="KeycloakServer"/> needs besides its ports.</summary>
public sealed class KeycloakOptions
{
    /// <summary>Realm files that it imports at its first start.</summary>
    public IReadOnlyList<string> RealmFiles { get; init; } = [];

    /// <summary>Environment variables, such as those that the placeholders of a realm file name.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>True where its issuer is <see cref="KeycloakServer.Url"/> under whatever name it is asked, as behind a proxy or in a container.</summary>
    public bool KeepsItsName { get; init; }

    /// <summary>Further arguments of <c>start-dev</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}
