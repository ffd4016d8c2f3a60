using System.Data.Common;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Storage.Outages;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Keys;

/// <summary>Reads the ring every few seconds, whoever changed it, and turns it where that is due. No process needs a restart for a new key.</summary>
internal sealed partial class KeyRotation(KeyRing ring, IServiceScopeFactory scopes, TimeProvider time, DatabaseOutage outage, ILogger<KeyRotation> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(KeyLife.Poll, time, stoppingToken);
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await ring.ReadAsync(scope.ServiceProvider.GetRequiredService<AuthDbContext>(), stoppingToken);
                if (KeyStore.IsTurnDue(ring.Lives, time.GetUtcNow()))
                {
                    await scope.ServiceProvider.GetRequiredService<KeyStore>().TurnAsync(stoppingToken);
                }
            }
            catch (Exception exception) when (exception is DbException or DbUpdateException or InvalidOperationException)
            {
                if (!outage.Explains(exception))
                {
                    Failed(exception);
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The keys can't be read from the database now; the known ones serve on, and it will be tried again")]
    private partial void Failed(Exception exception);
}
