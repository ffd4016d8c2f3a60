using System.Diagnostics;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>Holds the first command of this process that has that text, before it runs and takes a lock.</summary>
internal sealed class HoldFirstCommand : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly string _text;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _goOn = new();
    private readonly List<IDisposable> _subscriptions = [];

    internal HoldFirstCommand(string text)
    {
        _text = text;
        _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
    }

    internal Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    internal void GoOn() => _goOn.Set();

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.EntityFrameworkCore")
        {
            _subscriptions.Add(value.Subscribe(this));
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key == RelationalEventId.CommandExecuting.Name && value.Value is CommandEventData command
            && command.Command.CommandText.Contains(_text, StringComparison.Ordinal) && _reached.TrySetResult())
        {
            _goOn.Wait(TimeSpan.FromSeconds(60));
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose()
    {
        _goOn.Set();
        _subscriptions.ForEach(subscription => subscription.Dispose());
        _goOn.Dispose();
    }
}
