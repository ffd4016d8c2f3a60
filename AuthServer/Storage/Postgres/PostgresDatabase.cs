using McpAspire.AuthServer.Tokens.Refreshing;
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

    internal override string Name => $"the PostgreSQL database '{connection.Database}' at {connection.Host}";

    internal override void AddContext(IServiceCollection services)
    {
        services.AddDbContextPool<AuthDbContext, PostgresAuthDbContext>(options => options
            .UseNpgsql(
                connection.ConnectionString,
                // Nothing is tried again here, and so a failure has the type that it has with SQLite: the default wraps it.
                npgsql => npgsql.ExecutionStrategy(dependencies => new NonRetryingExecutionStrategy(dependencies)))
            .AddInterceptors(NoNul.Instance));
        services.AddScoped<IRefreshWriter, PostgresRefreshWriter>();
    }

    internal override async Task<IAsyncDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        var turn = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection.ConnectionString) { Pooling = false }.ConnectionString);
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
            throw Wrong($"names {Name}, which can't be used: {exception.Message}", exception);
        }
    }

    internal override Task MigrateAsync(AuthDbContext context, CancellationToken cancellationToken) => context.Database.MigrateAsync(cancellationToken);

    internal override Task<bool> ExistsAsync(AuthDbContext context, CancellationToken cancellationToken) => context.Database.CanConnectAsync(cancellationToken);
}
