using System.Collections.Concurrent;
using System.Data.Common;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Storage.Outages;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.SignOut;

/// <summary>
/// Finds the notices that are due and delivers them, each target in a lane of its own, so that one that is slow holds up
/// nobody else.
/// </summary>
internal sealed partial class LogoutNoticeDelivery(
    IServiceScopeFactory scopes, LogoutNoticeSignal signal, TimeProvider time, DatabaseOutage outage,
    ILogger<LogoutNoticeDelivery> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Lane, Task> _lanes = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await OpenLanesAsync(stoppingToken);
                await signal.WaitAsync(Pause, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is not delivered is in the database.
            await Task.WhenAll(_lanes.Values);
        }
    }

    private async Task OpenLanesAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var now = time.GetUtcNow();
            var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
            var due = await database.LogoutNotices.AsNoTracking()
                .Where(notice => notice.NextAttemptAt <= now)
                .GroupBy(notice => new { notice.Kind, notice.Target })
                .Select(notices => new { notices.Key.Kind, notices.Key.Target, Since = notices.Min(notice => notice.NextAttemptAt) })
                .ToListAsync(cancellationToken);
            var profiles = await ClientProfiles.OfAsync(
                database, [.. due.Where(target => target.Kind == NoticeKind.Client).Select(target => target.Target)], cancellationToken);
            var lanes = due.Select(target => (Lane.To(target.Kind, target.Target, profiles.GetValueOrDefault(target.Target)), target.Since));
            foreach (var lane in LaneChoice.Choose(lanes, [.. _lanes.Keys]))
            {
                _lanes[lane] = Task.CompletedTask;
                var running = Task.Run(() => RunLaneAsync(lane, cancellationToken), CancellationToken.None);
                // Unless it is done already, and gone from here.
                _lanes.TryUpdate(lane, running, Task.CompletedTask);
            }
        }
        catch (Exception exception) when (exception is DbUpdateException or DbException)
        {
            Tell(exception);
        }
    }

    private async Task RunLaneAsync(Lane lane, CancellationToken cancellationToken)
    {
        var ended = false;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<LogoutNoticeLane>().RunAsync(lane.Kind, lane.Target, cancellationToken);
            ended = true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Stopped(lane.Target);
        }
        catch (Exception exception)
        {
            Tell(exception);
        }
        finally
        {
            _lanes.TryRemove(lane, out _);
        }

        // After a failure the next look is after the pause, not at once.
        if (ended)
        {
            signal.Set();
        }
    }

    private void Tell(Exception exception)
    {
        if (!outage.Explains(exception))
        {
            Failed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Logout notices can't be delivered now; it will be tried again")]
    private partial void Failed(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The notices for {Target} wait for the next start")]
    private partial void Stopped(string target);
}
