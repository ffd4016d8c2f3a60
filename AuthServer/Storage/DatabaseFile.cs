using Microsoft.Data.Sqlite;

namespace McpAspire.AuthServer.Storage;

/// <summary>Where the SQLite database lies: <c>ConnectionStrings:accounts</c>, or <c>authserver.db</c> in <c>DataFolder</c>.</summary>
internal sealed class DatabaseFile
{
    private DatabaseFile(string connectionString, string path)
    {
        ConnectionString = connectionString;
        Path = path;
    }

    internal string ConnectionString { get; }

    internal string Path { get; }

    internal static DatabaseFile From(IConfiguration configuration)
    {
        var connection = new SqliteConnectionStringBuilder(
            configuration.GetConnectionString("accounts") ?? $"Data Source={DefaultPath(configuration)}")
        {
            // How long a writer waits for another one (SQLite's busy timeout), in seconds.
            DefaultTimeout = 30,
        };

        if (string.IsNullOrEmpty(connection.DataSource) || connection.Mode == SqliteOpenMode.Memory || connection.DataSource == ":memory:")
        {
            throw new InvalidOperationException(
                "The setting 'ConnectionStrings:accounts' must name a database file, for example 'Data Source=/var/lib/authserver/authserver.db'.");
        }

        var path = System.IO.Path.GetFullPath(connection.DataSource);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return new DatabaseFile(connection.ConnectionString, path);
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
