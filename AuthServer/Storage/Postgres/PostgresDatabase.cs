using McpAspire.AuthServer.Storage.Outages;
using McpAspire.AuthServer.Tokens.Redemption;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace McpAspire.AuthServer.Storage.Postgres;

/// <summary>
/// A database on a PostgreSQL server, for processes on several machines. Those that start at once take turns by an
/// advisory lock of a connection of their own: the server frees it when the connection ends.
/// </summary>
internal sealed class PostgresDatabase(NpgsqlConnectionStringBuilder connection) : Database
{
    private const long StartTurn = 0x4D63_7041_7374_6172;
    private const int PatienceSeconds = 60;

    internal override string Name => $"the PostgreSQL database '{connection.Database}' at {connection.Host}, port {connection.Port}";

    internal override void AddContext(IServiceCollection services)
    {
        services.AddDbContextPool<AuthDbContext, PostgresAuthDbContext>((provider, options) =>
        {
            options
                .UseNpgsql(
                    connection.ConnectionString,
                    // Nothing is tried again here, and so a failure has the type that it has with SQLite: the default wraps it.
                    npgsql => npgsql.ExecutionStrategy(dependencies => new NonRetryingExecutionStrategy(dependencies)))
                .AddInterceptors(NoNul.Instance);
            FailureLog.Use(options, provider);
        });
        services.AddScoped<IRefreshWriter, PostgresRefreshWriter>();
    }

    internal override async Task<IAsyncDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        var turn = NewConnection();
        try
        {
            await turn.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand($"SELECT pg_advisory_lock({StartTurn})", turn) { CommandTimeout = PatienceSeconds };
            await command.ExecuteNonQueryAsync(cancellationToken);
            return turn;
        }
        catch (NpgsqlException exception)
        {
            await turn.DisposeAsync();
            throw Unusable(exception);
        }
    }

    internal override Task MigrateAsync(AuthDbContext context, CancellationToken cancellationToken) => context.Database.MigrateAsync(cancellationToken);

    internal override async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        await using var probe = NewConnection();
        try
        {
            await probe.OpenAsync(cancellationToken);
            return true;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return false;
        }
        catch (NpgsqlException exception)
        {
            throw Unusable(exception);
        }
    }

    /// <summary>A connection of its own, which no pool keeps.</summary>
    private NpgsqlConnection NewConnection() =>
        new(new NpgsqlConnectionStringBuilder(connection.ConnectionString) { Pooling = false }.ConnectionString);

    /// <summary>The message names the server, and no password.</summary>
    private InvalidOperationException Unusable(NpgsqlException exception) => Wrong(
        $"names {Name}, which can't be {(exception is PostgresException ? "used" : "reached")}: {exception.GetBaseException().Message}", exception);
}
