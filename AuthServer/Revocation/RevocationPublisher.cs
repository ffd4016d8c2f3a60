using System.Data.Common;
using McpAspire.AuthServer.Availability;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Storage.Outages;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Revocation;

/// <summary>
/// Tells resource servers what ended: right after an act of this process, and within a second what another one left.
/// Each entry is told at least once. At start, when Redis came back and whenever the mark is missing there, all entries
/// that still matter are written again before the mark is set.
/// </summary>
internal sealed partial class RevocationPublisher(
    RevocationSet set, RevocationSignal signal, IConnectionMultiplexer redis, IServiceScopeFactory scopes, TimeProvider time,
    DatabaseOutage databaseOutage, RedisOutage redisOutage, ILogger<RevocationPublisher> logger) : BackgroundService
{
    private const int Batch = 500;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CleaningInterval = TimeSpan.FromMinutes(1);

    private volatile bool _mustFill = true;
    private bool _isAway;
    private DateTimeOffset _cleanedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        redis.ConnectionRestored += OnConnectionRestored;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await RoundAsync(stoppingToken);
                await signal.WaitAsync(Pause, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service ends; what is not told yet is in the database.
        }
        finally
        {
            redis.ConnectionRestored -= OnConnectionRestored;
        }
    }

    private void OnConnectionRestored(object? sender, ConnectionFailedEventArgs arguments)
    {
        _mustFill = true;
        signal.Set();
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
            await FillWhereNeededAsync(database, cancellationToken);
            await TellAsync(database, cancellationToken);
            await CleanAsync();
            redisOutage.Answered();
            if (_isAway)
            {
                _isAway = false;
                Back();
            }
        }
        catch (Exception exception) when (exception is RedisException or RedisTimeoutException or RedisCommandException)
        {
            Failed(exception);
        }
        catch (Exception exception) when (exception is DbUpdateException or DbException)
        {
            Failed(exception);
        }
    }

    private async Task FillWhereNeededAsync(AuthDbContext database, CancellationToken cancellationToken)
    {
        if (!_mustFill && await set.IsCompleteAsync())
        {
            return;
        }

        // Reset before reading: a connection that comes back meanwhile asks for one more round.
        _mustFill = false;
        var count = 0;
        var filled = await set.FillAsync(async () =>
        {
            var now = time.GetUtcNow();
            var entries = await database.Revocations.AsNoTracking().Where(entry => entry.ExpiresAt > now).OrderBy(entry => entry.Id).ToListAsync(cancellationToken);
            count = entries.Count;
            return entries;
        });
        if (filled)
        {
            Filled(count);
        }
        else
        {
            _mustFill = true;
        }
    }

    private async Task TellAsync(AuthDbContext database, CancellationToken cancellationToken)
    {
        List<StoredRevocation> entries;
        do
        {
            entries = await database.Revocations.AsNoTracking().Where(entry => entry.ToldAt == null).OrderBy(entry => entry.Id).Take(Batch).ToListAsync(cancellationToken);
            if (entries.Count > 0)
            {
                await set.TellAsync(entries);
                var now = time.GetUtcNow();
                var ids = entries.Select(entry => entry.Id).ToArray();
                await database.Revocations.Where(entry => ids.Contains(entry.Id))
                    .ExecuteUpdateAsync(row => row.SetProperty(entry => entry.ToldAt, now), cancellationToken);
            }
        }
        while (entries.Count == Batch);
    }

    private async Task CleanAsync()
    {
        var now = time.GetUtcNow();
        if (now - _cleanedAt >= CleaningInterval)
        {
            await set.RemoveExpiredAsync(now);
            _cleanedAt = now;
        }
    }

    /// <summary>One warning, however often it is tried again; none where the database is away, which is said already and means that nothing ends.</summary>
    private void Failed(Exception exception)
    {
        _mustFill = true;
        redisOutage.Explains(exception);
        if (!_isAway && !databaseOutage.Explains(exception))
        {
            _isAway = true;
            Away(exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Revocations can't be told to resource servers now: {Reason}. They are kept, and told as soon as Redis and the database answer")]
    private partial void Away(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Revocations are told to resource servers again")]
    private partial void Back();

    [LoggerMessage(Level = LogLevel.Information, Message = "Wrote the {Count} revocations that still matter to Redis")]
    private partial void Filled(int count);
}
