using Microsoft.EntityFrameworkCore.Storage;

namespace McpAspire.AuthServer.Storage.Sqlite;

/// <summary>A transaction that waited for its turn, and gives it back when it ends.</summary>
internal sealed class TransactionInTurn : IDbContextTransaction
{
    private readonly IDbContextTransaction _transaction;
    private WriterTurn? _turn;

    private TransactionInTurn(IDbContextTransaction transaction, WriterTurn turn) => (_transaction, _turn) = (transaction, turn);

    public Guid TransactionId => _transaction.TransactionId;

    /// <param name="file">The database's.</param>
    /// <param name="begin">Begins the transaction, which becomes a writer at once.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">Others wrote for too long.</exception>
    internal static async Task<IDbContextTransaction> BeginAsync(
        string file, Func<CancellationToken, Task<IDbContextTransaction>> begin, CancellationToken cancellationToken)
    {
        var turn = WriterTurn.Of(file);
        await turn.TakeAsync(cancellationToken);
        try
        {
            return new TransactionInTurn(await begin(cancellationToken), turn);
        }
        catch
        {
            turn.End();
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
            Interlocked.Exchange(ref _turn, null)?.End();
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
            Interlocked.Exchange(ref _turn, null)?.End();
        }
    }
}
