using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Storage;
using SQLitePCL;

namespace McpAspire.AuthServer.Storage.Sqlite;

/// <summary>
/// A transaction that waited for its turn. SQLite has one writer at a time, and its driver makes a thread sleep 150 ms
/// between tries; within a process the next one begins as soon as the last one has ended, and no thread waits.
/// </summary>
internal sealed class WriterTurn : IDbContextTransaction
{
    /// <summary>As long as SQLite itself waits for a writer of another process.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(SqliteDatabase.BusySeconds);

    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Files = new(StringComparer.Ordinal);

    private readonly IDbContextTransaction _transaction;
    private SemaphoreSlim? _turn;

    private WriterTurn(IDbContextTransaction transaction, SemaphoreSlim turn) => (_transaction, _turn) = (transaction, turn);

    public Guid TransactionId => _transaction.TransactionId;

    /// <param name="file">The database's.</param>
    /// <param name="begin">Begins the transaction, which becomes a writer at once.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="SqliteException">Others wrote for too long.</exception>
    internal static async Task<IDbContextTransaction> TakeAsync(
        string file, Func<CancellationToken, Task<IDbContextTransaction>> begin, CancellationToken cancellationToken)
    {
        var turn = Files.GetOrAdd(file, static _ => new SemaphoreSlim(1));
        if (!await turn.WaitAsync(Patience, cancellationToken))
        {
            throw new SqliteException($"Others wrote to the database for {SqliteDatabase.BusySeconds} s.", raw.SQLITE_BUSY);
        }

        try
        {
            return new WriterTurn(await begin(cancellationToken), turn);
        }
        catch
        {
            turn.Release();
            throw;
        }
    }

    public void Commit() => _transaction.Commit();

    public Task CommitAsync(CancellationToken cancellationToken = default) => _transaction.CommitAsync(cancellationToken);

    public void Rollback() => _transaction.Rollback();

    public Task RollbackAsync(CancellationToken cancellationToken = default) => _transaction.RollbackAsync(cancellationToken);

    public void Dispose()
    {
        try
        {
            _transaction.Dispose();
        }
        finally
        {
            Interlocked.Exchange(ref _turn, null)?.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _transaction.DisposeAsync();
        }
        finally
        {
            Interlocked.Exchange(ref _turn, null)?.Release();
        }
    }
}
