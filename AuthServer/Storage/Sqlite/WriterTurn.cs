using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace McpAspire.AuthServer.Storage.Sqlite;

/// <summary>
/// Whose turn it is to write. SQLite has one writer at a time, and its driver makes a thread sleep 150 ms between tries;
/// within a process the next one begins as soon as the last one has ended, and no thread waits.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The turns of a file are kept as long as the process.")]
internal sealed class WriterTurn
{
    /// <summary>As long as SQLite itself waits for a writer of another process.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(SqliteDatabase.BusySeconds);

    private static readonly ConcurrentDictionary<string, WriterTurn> Files = new(StringComparer.Ordinal);

    private readonly SemaphoreSlim _turn = new(1);
    private int _waiting;

    /// <summary>The turns of a database's file.</summary>
    internal static WriterTurn Of(string file) => Files.GetOrAdd(Path.GetFullPath(file), static _ => new WriterTurn());

    /// <summary>How many wait now: how tests see that one does.</summary>
    internal int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Waits for the turn; it ends with <see cref="End"/>, once.</summary>
    /// <exception cref="SqliteException">Others wrote for too long.</exception>
    internal async Task TakeAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            if (!await _turn.WaitAsync(Patience, cancellationToken))
            {
                throw new SqliteException($"Others wrote to the database for {SqliteDatabase.BusySeconds} s.", raw.SQLITE_BUSY);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Gives the turn to the next.</summary>
    internal void End() => _turn.Release();
}
