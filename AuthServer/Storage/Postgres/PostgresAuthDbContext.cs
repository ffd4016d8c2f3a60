using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage;

namespace McpAspire.AuthServer.Storage.Postgres;

/// <summary>The database on a PostgreSQL server.</summary>
internal sealed class PostgresAuthDbContext(DbContextOptions<PostgresAuthDbContext> options) : AuthDbContext(options)
{
    /// <summary>The advisory lock of <see cref="BeginInTurnAsync"/>; any number that nothing else takes.</summary>
    private const long Turn = 0x4D63_7041_7370_6972;

    /// <summary>Each statement sees what was committed before it (READ COMMITTED), so a lock is all that it takes to see what the last one did.</summary>
    internal override async Task<IDbContextTransaction> BeginInTurnAsync(CancellationToken cancellationToken)
    {
        var transaction = await Database.BeginTransactionAsync(cancellationToken);
        try
        {
            await Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Turn})", cancellationToken);
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        // Lengths are judged where a text comes in. A column that judged again would fail here alone: SQLite has none that do.
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            if (property.ClrType == typeof(string) || property.ClrType.IsEnum || Nullable.GetUnderlyingType(property.ClrType) is { IsEnum: true })
            {
                property.SetMaxLength(null);
            }
        }
    }

    /// <summary>Lets <c>dotnet ef migrations add</c> read the model without starting the service.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<PostgresAuthDbContext>
    {
        public PostgresAuthDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresAuthDbContext>().UseNpgsql("Host=localhost").Options);
    }
}
