using System.Diagnostics.Metrics;
using McpAspire.AuthServer.Tokens.Redemption;
using Microsoft.Data.Sqlite;

namespace McpAspire.AuthServer.Storage.Sqlite;

/// <summary>
/// Writes refreshes that come at the same time in one transaction: SQLite has one writer at a time, and what costs is the
/// commit, which waits for the disk. Nobody is answered before it. Each refresh is judged by itself; where the
/// transaction fails, each is tried alone, so that one can't spoil the others.
/// </summary>
internal sealed class SqliteRefreshWriter : IRefreshWriter, IDisposable
{
    /// <summary>
    /// Where refreshes come together, the next transaction waits so long for more of them: the disk costs each of them less,
    /// and they wait for each other no longer than they would for the disk. One that comes alone does not wait.
    /// </summary>
    private static readonly TimeSpan CommitDelay = TimeSpan.FromMilliseconds(1);

    private readonly SqliteDatabase _database;
    private readonly TimeProvider _time;
    private readonly WriterTurn _turn;
    private readonly RefreshMeasures _measures;
    private readonly Lock _gate = new();
    private List<Waiting> _waiting = [];
    private bool _isWriting;
    private RefreshStatements? _statements;

    internal SqliteRefreshWriter(SqliteDatabase database, TimeProvider time, IMeterFactory meters)
    {
        _database = database;
        _time = time;
        _turn = WriterTurn.Of(database.Path);
        _measures = new RefreshMeasures(meters, CountWaiting);
    }

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
        for (var together = 0; DoesAnyoneWait();)
        {
            if (together > 1)
            {
                // Real time: it is about a real disk.
                await Task.Delay(CommitDelay, TimeProvider.System);
            }

            together = await WriteOnceAsync();
        }
    }

    /// <returns>How many were written.</returns>
    private async Task<int> WriteOnceAsync()
    {
        try
        {
            await _turn.TakeAsync(CancellationToken.None);
        }
        catch (SqliteException fault)
        {
            var refused = TakeWaiting();
            refused.ForEach(one => one.Written.SetException(fault));
            return refused.Count;
        }

        try
        {
            var all = TakeWaiting();
            WriteTogether(all);
            return all.Count;
        }
        finally
        {
            _turn.End();
        }
    }

    /// <summary>Where nobody does, the next one who comes begins to write.</summary>
    private bool DoesAnyoneWait()
    {
        lock (_gate)
        {
            return _isWriting = _waiting.Count > 0;
        }
    }

    private int CountWaiting()
    {
        lock (_gate)
        {
            return _waiting.Count;
        }
    }

    private List<Waiting> TakeWaiting()
    {
        lock (_gate)
        {
            var all = _waiting;
            _waiting = [];
            return all;
        }
    }

    private void WriteTogether(List<Waiting> all)
    {
        if (TryWrite(all) is not { } fault)
        {
            return;
        }

        // What is no refresh's fault would meet each of them again.
        var isOfAll = DatabaseAbsence.IsCauseOf(fault);
        foreach (var one in all)
        {
            if ((isOfAll ? fault : TryWrite([one], again: true)) is { } itsOwn)
            {
                one.Written.SetException(itsOwn);
            }
        }
    }

    /// <param name="all">What to write in one transaction.</param>
    /// <param name="again">True where it was tried before: a commit that failed may have been done all the same.</param>
    /// <returns>Why none of them was written; null where all were judged.</returns>
    private Exception? TryWrite(IReadOnlyList<Waiting> all, bool again = false)
    {
        bool[] written;
        try
        {
            _statements ??= new RefreshStatements(_database, _time);
            written = _statements.WriteAll([.. all.Select(one => one.Refresh)], again);
        }
#pragma warning disable CA1031 // Whoever waits must learn of it, whatever it is.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Forget();
            return fault;
        }

        _measures.Committed(all.Count);
        for (var i = 0; i < all.Count; i++)
        {
            all[i].Written.SetResult(written[i]);
        }

        return null;
    }

    /// <summary>The next one gets a new connection.</summary>
    private void Forget()
    {
        var broken = _statements;
        _statements = null;
        try
        {
            broken?.Dispose();
        }
        catch (SqliteException)
        {
            // It is broken.
        }
    }

    private sealed record Waiting(Refresh Refresh)
    {
        internal TaskCompletionSource<bool> Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
