using System.Collections.Concurrent;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Storage.Postgres;
using McpAspire.AuthServer.Storage.Sqlite;
using McpAspire.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>
/// The databases of the tests: a file of SQLite in the server's folder, or with the environment variable
/// <c>AUTHSERVER_TESTS_DATABASE=postgres</c> a database of PostgreSQL for each folder, so that every test can run on both.
/// </summary>
internal static class TestDatabase
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> OfFolders = new(StringComparer.Ordinal);

    /// <summary>True where the tests run on PostgreSQL: what is about the file of SQLite is skipped then.</summary>
    internal static bool IsPostgres { get; } = Environment.GetEnvironmentVariable("AUTHSERVER_TESTS_DATABASE") == "postgres";

    internal static Task<string> OfAsync(string folder) => IsPostgres
        ? OfFolders.GetOrAdd(folder, _ => new Lazy<Task<string>>(PostgresServer.NewDatabaseAsync)).Value
        : Task.FromResult($"Data Source={Path.Combine(folder, "authserver.db")}");

    /// <summary>Makes the database refuse a kind of write, such as <c>INSERT ON "Sessions"</c>, until <see cref="RefuseNoMoreAsync"/>.</summary>
    internal static Task<int> RefuseAsync(AuthDbContext database, string write) => database.Database.ExecuteSqlRawAsync(
        database is PostgresAuthDbContext
            ? $"""
               CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''refused''; END';
               CREATE TRIGGER refused BEFORE {write} FOR EACH ROW EXECUTE FUNCTION refused()
               """
            : $"CREATE TRIGGER refused BEFORE {write} BEGIN SELECT RAISE(ABORT, 'refused'); END",
        TestContext.Current.CancellationToken);

    internal static Task<int> RefuseNoMoreAsync(AuthDbContext database) => database.Database.ExecuteSqlRawAsync(
        database is PostgresAuthDbContext ? "DROP FUNCTION refused CASCADE" : "DROP TRIGGER refused", TestContext.Current.CancellationToken);

    /// <summary>A context beside those of the servers that use the database.</summary>
    internal static AuthDbContext Open(string connection, params IInterceptor[] interceptors) => PostgresConnection.IsOne(connection)
        ? new PostgresAuthDbContext(new DbContextOptionsBuilder<PostgresAuthDbContext>().UseNpgsql(connection).AddInterceptors(interceptors).Options)
        : new SqliteAuthDbContext(new DbContextOptionsBuilder<SqliteAuthDbContext>()
            .UseSqlite($"{connection};Default Timeout=30").AddInterceptors(interceptors).Options);
}
