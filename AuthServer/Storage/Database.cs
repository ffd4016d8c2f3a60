using System.Data.Common;
using McpAspire.AuthServer.Storage.Postgres;
using McpAspire.AuthServer.Storage.Sqlite;

namespace McpAspire.AuthServer.Storage;

/// <summary>
/// The database that <c>ConnectionStrings:accounts</c> names: PostgreSQL, or a file of SQLite, which is
/// <c>authserver.db</c> in <c>DataFolder</c> where nothing is set.
/// </summary>
internal abstract class Database
{
    internal const string ConnectionName = "accounts";

    /// <summary>What it is called in messages; no password is in it.</summary>
    internal abstract string Name { get; }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="InvalidOperationException">They name no database.</exception>
    internal static Database From(IConfiguration configuration) =>
        configuration.GetConnectionString(ConnectionName) is { Length: > 0 } connection && PostgresConnection.IsOne(connection)
            ? new PostgresDatabase(PostgresConnection.Parse(connection))
            : SqliteDatabase.From(configuration);

    internal abstract void AddContext(IServiceCollection services);

    /// <summary>
    /// Waits until no other process prepares this database. The turn ends with what is returned here, or with the process,
    /// however that ends.
    /// </summary>
    /// <exception cref="InvalidOperationException">The database can't be reached.</exception>
    internal abstract Task<IAsyncDisposable> TakeTurnAsync(CancellationToken cancellationToken);

    /// <summary>Brings the database to the current model. The turn must be taken.</summary>
    internal abstract Task MigrateAsync(AuthDbContext context, CancellationToken cancellationToken);

    /// <summary>True where the database is there, of this version or another.</summary>
    /// <exception cref="InvalidOperationException">That can't be told: its server can't be reached, or refuses us.</exception>
    internal abstract Task<bool> ExistsAsync(CancellationToken cancellationToken);

    /// <summary>The error of a setting, in the words that operators read.</summary>
    internal static InvalidOperationException Wrong(string fault, Exception? inner = null) =>
        new($"The setting 'ConnectionStrings:{ConnectionName}' {fault}", inner);

    /// <summary>True where the text is made of <c>Key=value</c> pairs with one of these keys.</summary>
    internal static bool HasKey(string connection, params ReadOnlySpan<string> keys)
    {
        var pairs = new DbConnectionStringBuilder();
        try
        {
            pairs.ConnectionString = connection;
        }
        catch (ArgumentException)
        {
            return false;
        }

        foreach (var key in keys)
        {
            if (pairs.ContainsKey(key))
            {
                return true;
            }
        }

        return false;
    }
}
