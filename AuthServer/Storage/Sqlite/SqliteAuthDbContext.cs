using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage;

namespace McpAspire.AuthServer.Storage.Sqlite;

/// <summary>The database in a file. Its transactions begin as writers, and those take turns: SQLite has one at a time.</summary>
internal sealed class SqliteAuthDbContext(DbContextOptions<SqliteAuthDbContext> options) : AuthDbContext(options)
{
    internal override Task<IDbContextTransaction> BeginAsync(CancellationToken cancellationToken) =>
        TransactionInTurn.BeginAsync(Database.GetDbConnection().DataSource, Database.BeginTransactionAsync, cancellationToken);

    internal override Task<IDbContextTransaction> BeginInTurnAsync(CancellationToken cancellationToken) => BeginAsync(cancellationToken);

    /// <summary>Lets <c>dotnet ef migrations add</c> read the model without starting the service.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqliteAuthDbContext>
    {
        public SqliteAuthDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteAuthDbContext>().UseSqlite("Data Source=design-time.db").Options);
    }
}
