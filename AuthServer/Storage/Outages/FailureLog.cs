using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace McpAspire.AuthServer.Storage.Outages;

/// <summary>
/// Logs what fails at the database, in the place of EF Core, which has an error with a stack trace or two for each
/// request while the database is away. That is said once (<see cref="DatabaseOutage"/>); every other failure is logged in full.
/// </summary>
internal sealed partial class FailureLog(DatabaseOutage outage, ILogger<FailureLog> logger)
    : IDbConnectionInterceptor, IDbCommandInterceptor, IDbTransactionInterceptor
{
    /// <summary>The failures that come here, and those that repeat them and are thrown to whoever asked.</summary>
    private static readonly (EventId, LogLevel)[] Replaced =
    [
        (RelationalEventId.ConnectionError, LogLevel.Debug), (RelationalEventId.CommandError, LogLevel.Debug), (RelationalEventId.TransactionError, LogLevel.Debug),
        (CoreEventId.QueryIterationFailed, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug),
    ];

    internal static void Use(DbContextOptionsBuilder options, IServiceProvider services) => options
        .AddInterceptors(services.GetRequiredService<FailureLog>())
        .ConfigureWarnings(events => events.Log(Replaced));

    public void ConnectionFailed(DbConnection connection, ConnectionErrorEventData eventData)
    {
        if (!outage.Explains(eventData.Exception))
        {
            NotOpened(eventData.Exception);
        }
    }

    public Task ConnectionFailedAsync(DbConnection connection, ConnectionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        ConnectionFailed(connection, eventData);
        return Task.CompletedTask;
    }

    public void CommandFailed(DbCommand command, CommandErrorEventData eventData)
    {
        if (!outage.Explains(eventData.Exception))
        {
            NotDone(eventData.Exception, command.CommandText);
        }
    }

    public Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        CommandFailed(command, eventData);
        return Task.CompletedTask;
    }

    public void TransactionFailed(DbTransaction transaction, TransactionErrorEventData eventData)
    {
        if (!outage.Explains(eventData.Exception))
        {
            NotEnded(eventData.Exception, eventData.Action);
        }
    }

    public Task TransactionFailedAsync(DbTransaction transaction, TransactionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        TransactionFailed(transaction, eventData);
        return Task.CompletedTask;
    }

    /// <summary>A background service reads so each second. That a connection opens says nothing: it may come from the pool, and be dead.</summary>
    public ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        outage.Answered();
        return ValueTask.FromResult(result);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The connection to the database failed")]
    private partial void NotOpened(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The database failed to execute: {Command}")]
    private partial void NotDone(Exception exception, string command);

    [LoggerMessage(Level = LogLevel.Error, Message = "The transaction failed: {Action}")]
    private partial void NotEnded(Exception exception, string action);
}
