using System.Data.Common;
using McpAspire.AuthServer.Federation.LoggingOut;
using McpAspire.AuthServer.Federation.Revoking;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage.Outages;
using McpAspire.AuthServer.Strangers;
using Microsoft.EntityFrameworkCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Storage;

/// <summary>
/// Removes rows that can no longer matter, and providers' tokens that nothing needs any more, once an hour; requests that
/// strangers made us store sooner. Redeemed tokens stay until they expire: a replay of one must still be known as such.
/// </summary>
internal sealed partial class Pruning(
    IServiceScopeFactory scopes, StrangerPruning strangers, TimeProvider time, DatabaseOutage outage, ILogger<Pruning> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan IntervalOfRequests = TimeSpan.FromMinutes(5);

    private static readonly string[] Requests =
        [TokenTypeIdentifiers.Private.RequestToken, TokenTypeIdentifiers.Private.DeviceCode, TokenTypeIdentifiers.Private.UserCode];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var next = time.GetUtcNow() + Interval;
        while (true)
        {
            await Task.Delay(IntervalOfRequests, time, stoppingToken);
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
                var now = time.GetUtcNow();
                Removed(await PruneRequestsAsync(database, now, stoppingToken));
                if (now >= next)
                {
                    await scope.ServiceProvider.GetRequiredService<UnneededTokenSweep>().RunAsync(stoppingToken);
                    Removed(await PruneAsync(database, now, stoppingToken) + await strangers.PruneAsync(database, now, stoppingToken));
                    next = now + Interval;
                }
            }
            catch (Exception exception) when (exception is DbException or DbUpdateException)
            {
                if (!outage.Explains(exception))
                {
                    Failed(exception);
                }
            }
        }
    }

    /// <summary>Those that expired a while ago: a device that still asks should hear that its code expired.</summary>
    private static Task<int> PruneRequestsAsync(AuthDbContext database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var expired = (now - IntervalOfRequests).UtcDateTime;
        return database.Tokens.Where(token => token.ExpirationDate < expired && Requests.Contains(token.Type)).ExecuteDeleteAsync(cancellationToken);
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
