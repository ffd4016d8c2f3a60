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
    internal static bool IsCauseOf(Exception? exception) => exception switch
    {
        null => false,
        // Class 57P is the operator's or a crash's doing; Npgsql takes only some of it for passing.
        PostgresException { SqlState: ['5', '7', 'P', ..] } => true,
        SqliteException sqlite => sqlite.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_CANTOPEN or raw.SQLITE_IOERR or raw.SQLITE_FULL,
        DbException { IsTransient: true } => true,
        _ => IsCauseOf(exception.InnerException),
    };
}
