using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace McpAspire.AuthServer.Storage;

/// <summary>
/// Tells failures that pass from faults of ours: the database can't be reached, ends its connections, has no room for more,
/// or what was asked for is locked. The same request is good once that is over.
/// </summary>
internal static class DatabaseAbsence
{
    /// <summary>True where the same request may succeed later.</summary>
    internal static bool IsCauseOf(Exception? exception) => exception switch
    {
        null => false,
        // Class 57P is the operator's or a crash's doing; Npgsql takes only some of it for passing.
        PostgresException { SqlState: ['5', '7', 'P', ..] } => true,
        SqliteException sqlite => sqlite.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_CANTOPEN or raw.SQLITE_IOERR or raw.SQLITE_FULL,
        DbException { IsTransient: true } => true,
        _ => IsCauseOf(exception.InnerException),
    };

    /// <summary>True where the database itself is the reason. That two requests were in each other's way (a deadlock, a lock) passes too, but is no outage.</summary>
    internal static bool IsOutage(Exception? exception) => IsCauseOf(exception) && !IsConflict(exception);

    private static bool IsConflict(Exception? exception) => exception switch
    {
        null => false,
        // Classes 40 (a transaction is rolled back) and 55 (a lock is not to be had).
        PostgresException { SqlState: ['4', '0', ..] or ['5', '5', ..] } => true,
        SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED } => true,
        _ => IsConflict(exception.InnerException),
    };
}
