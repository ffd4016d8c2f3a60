using System.Diagnostics.Metrics;
using McpAspire.AuthServer.Storage.Outages;
using McpAspire.AuthServer.Tokens.Redemption;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;

namespace McpAspire.AuthServer.Storage.Sqlite;

/// <summary>
/// A database in a file. Processes that start at once take turns by a lock on a file beside it, which the operating system
/// frees even after a crash. EF Core's own lock is a row that a crash leaves behind; while we hold the file, such a row is
/// nobody's.
/// </summary>
internal sealed class SqliteDatabase : Database
{
    /// <summary>How long a writer waits for another one.</summary>
    internal const int BusySeconds = 30;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string _connection;

    static SqliteDatabase()
    {
        Batteries_V2.Init();
        // To count its memory SQLite takes a lock of the whole process for each piece. Once it is in use this changes nothing.
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    private SqliteDatabase(string connection, string path)
    {
        _connection = connection;
        Path = path;
    }

    internal override string Name => Path;

    internal string Path { get; }

    internal static new SqliteDatabase From(IConfiguration configuration)
    {
        var configured = configuration.GetConnectionString(ConnectionName);
        if (configured is { Length: 0 })
        {
            // A deployment that forgot it would keep its accounts in a file that goes with the container.
            throw Wrong("is empty. Name a database, or leave the setting out for a file in 'DataFolder'.");
        }

        var connection = Parse(configured ?? DefaultPath(configuration));
        if (string.IsNullOrEmpty(connection.DataSource) || connection.Mode == SqliteOpenMode.Memory || connection.DataSource == ":memory:")
        {
            throw Wrong("must name a database file, for example 'Data Source=/var/lib/authserver/authserver.db'.");
        }

        var path = System.IO.Path.GetFullPath(connection.DataSource);
        PrivateFile.CreateFolder(System.IO.Path.GetDirectoryName(path)!);
        return new SqliteDatabase(connection.ConnectionString, path);
    }

    internal override void AddContext(IServiceCollection services)
    {
        services.AddDbContextPool<AuthDbContext, SqliteAuthDbContext>((provider, options) => FailureLog.Use(options.UseSqlite(_connection), provider));
        services.AddHostedService(_ => new SqlitePresence(this));
        services.AddSingleton<IRefreshWriter>(provider => new SqliteRefreshWriter(
            this, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IMeterFactory>()));
    }

    /// <summary>Opens a connection of its own, which no pool keeps.</summary>
    internal SqliteConnection Open(SqliteOpenMode mode) => Open(new SqliteConnectionStringBuilder(_connection) { Mode = mode });

    /// <summary>Opens another file, as a database, by a connection that no pool keeps.</summary>
    internal static SqliteConnection Open(string path, SqliteOpenMode mode) => Open(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode });

    private static SqliteConnection Open(SqliteConnectionStringBuilder options)
    {
        options.Pooling = false;
        var connection = new SqliteConnection(options.ConnectionString);
        connection.Open();
        return connection;
    }

    internal override async Task<IAsyncDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        while (true)
        {
            try
            {
                return PrivateFile.Open(Path + ".lock", FileMode.OpenOrCreate);
            }
            catch (IOException) when (!limit.IsCancellationRequested)
            {
                await Task.Delay(Pause, limit.Token);
            }
        }
    }

    internal override async Task MigrateAsync(AuthDbContext context, CancellationToken cancellationToken)
    {
        PrivateFile.Make(Path);
        await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);
        await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
        await context.Database.MigrateAsync(cancellationToken);
    }

    /// <summary>Asks the file system, since to ask the database would make it.</summary>
    internal override Task<bool> ExistsAsync(CancellationToken cancellationToken) => Task.FromResult(File.Exists(Path));

    private static SqliteConnectionStringBuilder Parse(string text)
    {
        try
        {
            return new SqliteConnectionStringBuilder(HasKey(text, "Data Source", "DataSource", "Filename") ? text : $"Data Source={text}")
            {
                DefaultTimeout = BusySeconds,
            };
        }
        catch (ArgumentException exception)
        {
            throw Wrong("is neither a file, nor a connection string of SQLite ('Data Source=…') or of PostgreSQL ('Host=…' or 'postgresql://…').", exception);
        }
    }

    private static string DefaultPath(IConfiguration configuration)
    {
        var folder = configuration["DataFolder"] is { Length: > 0 } configured
            ? configured
            : System.IO.Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
                "mcp-aspire", "authserver");
        return System.IO.Path.Combine(folder, "authserver.db");
    }
}
