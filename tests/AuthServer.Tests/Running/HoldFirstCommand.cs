using System.Diagnostics;
using McpAspire.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>Holds the first command to a server's database that has that text, before it runs and takes a lock. Other tests have other databases.</summary>
internal sealed class HoldFirstCommand : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly string _database;
    private readonly string _text;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _goOn = new();
    private readonly List<IDisposable> _subscriptions = [];

    internal HoldFirstCommand(IAuthServer server, string text)
    {
        _database = server.Database;
        _text = text;
        _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
    }

    internal Task Reached => _reached.Task.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken);

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
            && command.Command.CommandText.Contains(_text, StringComparison.Ordinal)
            // The name of a database of PostgreSQL, or the path of a file of SQLite.
            && _database.Contains(command.Connection is SqliteConnection ? command.Connection.DataSource : command.Connection.Database, StringComparison.Ordinal)
            && _reached.TrySetResult())
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
