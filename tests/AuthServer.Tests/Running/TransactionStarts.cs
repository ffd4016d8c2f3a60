using System.Diagnostics;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>Counts what begins to write in this process: transactions and uses of sessions, those that still wait for another writer among them.</summary>
internal sealed class TransactionStarts : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly List<IDisposable> _subscriptions = [];
    private int _count;

    internal TransactionStarts() => _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

    internal int Count => Volatile.Read(ref _count);

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.EntityFrameworkCore")
        {
            _subscriptions.Add(value.Subscribe(this));
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        // A session's use is written before the transaction, and waits for the act just so.
        if (value.Key == RelationalEventId.TransactionStarting.Name
            || (value.Value is CommandEventData command && value.Key == RelationalEventId.CommandExecuting.Name
                && command.Command.CommandText.StartsWith("UPDATE \"Sessions\"", StringComparison.Ordinal)))
        {
            Interlocked.Increment(ref _count);
        }
    }

    public void OnCompleted() => Dispose();

    public void OnError(Exception error) => Dispose();

    public void Dispose() => _subscriptions.ForEach(subscription => subscription.Dispose());
}
