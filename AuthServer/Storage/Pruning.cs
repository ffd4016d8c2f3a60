using System.Data.Common;
using McpAspire.AuthServer.Federation.LoggingOut;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Storage;

/// <summary>
/// Removes rows that can no longer matter, once an hour. Redeemed tokens stay until they expire: a replay of one must
/// still be known as such.
/// </summary>
internal sealed partial class Pruning(IServiceScopeFactory scopes, TimeProvider time, ILogger<Pruning> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                Removed(await PruneAsync(scope.ServiceProvider.GetRequiredService<AuthDbContext>(), time.GetUtcNow(), stoppingToken));
            }
            catch (DbException exception)
            {
                Failed(exception);
            }
        }
    }

    internal static async Task<int> PruneAsync(AuthDbContext database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var expired = now.UtcDateTime;
        var unused = now - Sessions.Lifetime;
        var forgotten = now - UpstreamEnding.Lifetime;
        var tooOld = now - GrantStore.RefreshLifetime;
        return await database.Tokens.Where(token => token.ExpirationDate < expired).ExecuteDeleteAsync(cancellationToken)
            + await database.Grants.Where(grant => grant.AuthorizedAt < tooOld || (grant.EndedAt != null && grant.EndedAt < unused))
                .ExecuteDeleteAsync(cancellationToken)
            + await database.Sessions.Where(session => session.LastUsedAt < unused || (session.EndedAt != null && session.EndedAt < unused))
                .ExecuteDeleteAsync(cancellationToken)
            + await database.UpstreamEndings.Where(ending => ending.EndedAt < forgotten).ExecuteDeleteAsync(cancellationToken)
            + await database.Revocations.Where(entry => entry.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken)
            + await database.Consents.Where(consent => consent.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Removed {Count} rows that had expired")]
    private partial void Removed(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Expired rows could not be removed; it will be tried again")]
    private partial void Failed(Exception exception);
}
