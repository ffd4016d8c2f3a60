using McpAspire.AuthServer.Tokens.Refreshing;
using Microsoft.Data.Sqlite;

namespace McpAspire.AuthServer.Storage.Sqlite;

/// <summary>
/// Writes refreshes that come at the same time in one transaction: SQLite has one writer at a time, and what costs is the
/// commit, which waits for the disk. Nobody is answered before it. Each refresh is judged by itself; where the
/// transaction fails, each is tried alone, so that one can't spoil the others.
/// </summary>
internal sealed class SqliteRefreshWriter(SqliteDatabase database) : IRefreshWriter, IDisposable
{
    /// <summary>
    /// Where refreshes come together, the next transaction waits so long for more of them: the disk costs each of them less,
    /// and they wait for each other no longer than they would for the disk. One that comes alone does not wait.
    /// </summary>
    private static readonly TimeSpan CommitDelay = TimeSpan.FromMilliseconds(1);

    private readonly WriterTurn _turn = WriterTurn.Of(database.Path);
    private readonly Lock _gate = new();
    private List<Waiting> _waiting = [];
    private bool _isWriting;
    private RefreshStatements? _statements;

    public Task<bool> WriteAsync(Refresh refresh)
    {
        var waiting = new Waiting(refresh);
        lock (_gate)
        {
            _waiting.Add(waiting);
            if (_isWriting)
            {
                return waiting.Written.Task;
            }

            _isWriting = true;
        }

        _ = Task.Run(WriteAllAsync);
        return waiting.Written.Task;
    }

    public void Dispose() => _statements?.Dispose();

    /// <summary>Writes until nobody waits any more. Other writers have their turns between.</summary>
    private async Task WriteAllAsync()
    {
        for (var together = 0; ;)
        {
            if (together > 1)
            {
                // Real time: it is about a real disk.
                await Task.Delay(CommitDelay, TimeProvider.System);
            }

            SqliteException? fault = null;
            try
            {
                await _turn.TakeAsync(CancellationToken.None);
            }
            catch (SqliteException exception)
            {
                fault = exception;
            }

            var all = TakeWaiting();
            if (fault is not null)
            {
                all.ForEach(one => one.Written.SetException(fault));
            }
            else
            {
                WriteTogether(all);
                _turn.End();
            }

            if (all.Count == 0)
            {
                return;
            }

            together = all.Count;
        }
    }

    /// <summary>All that wait. Where nobody does, the next one who comes begins to write.</summary>
    private List<Waiting> TakeWaiting()
    {
        lock (_gate)
        {
            var all = _waiting;
            _waiting = [];
            _isWriting = all.Count > 0;
            return all;
        }
    }

    private void WriteTogether(List<Waiting> all)
    {
        var fault = TryWrite(all);
        if (fault is null)
        {
            return;
        }

        foreach (var one in all)
        {
            if ((all.Count == 1 ? fault : TryWrite([one])) is { } itsOwn)
            {
                one.Written.SetException(itsOwn);
            }
        }
    }

    /// <returns>Why none of them was written; null where all were judged.</returns>
    private Exception? TryWrite(IReadOnlyList<Waiting> all)
    {
        if (all.Count == 0)
        {
            return null;
        }

        bool[] written;
        try
        {
            _statements ??= new RefreshStatements(database);
            written = _statements.WriteAll([.. all.Select(one => one.Refresh)]);
        }
#pragma warning disable CA1031 // Whoever waits must learn of it, whatever it is.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _statements?.Dispose();
            _statements = null;
            return exception;
        }

        for (var i = 0; i < all.Count; i++)
        {
            all[i].Written.SetResult(written[i]);
        }

        return null;
    }

    private sealed record Waiting(Refresh Refresh)
    {
        internal TaskCompletionSource<bool> Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
