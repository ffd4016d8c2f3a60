using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.SignOut;

/// <summary>
/// Delivers the notices of one target, one after the other. Each attempt is claimed by one conditional UPDATE, so that no
/// two processes make it; a claim that a dying process leaves behind runs out.
/// </summary>
internal sealed partial class LogoutNoticeLane(
    AuthDbContext database, ClientLogout clients, ProviderNotice providers, TimeProvider time, AuditLog audit, ILogger<LogoutNoticeLane> logger)
{
    private static readonly TimeSpan Claim = TimeSpan.FromSeconds(30);

    /// <summary>The pauses between attempts: an hour in all.</summary>
    internal static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(38),
    ];

    /// <summary>How often a notice that must wait is looked at again.</summary>
    internal static readonly TimeSpan Wait = TimeSpan.FromHours(1);

    /// <summary>Longer than applications stay connected without the person.</summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromDays(91);

    /// <summary>Delivers until nothing is due, or the target is away.</summary>
    internal async Task RunAsync(NoticeKind kind, string target, CancellationToken cancellationToken)
    {
        while (await ClaimNextAsync(kind, target, cancellationToken) is { } notice)
        {
            var outcome = await TellAsync(notice, cancellationToken);
            await NoteAsync(notice, outcome);
            if (outcome == NoticeOutcome.Later)
            {
                return;
            }
        }
    }

    /// <summary>Whatever goes wrong counts as an attempt, so that no notice is tried for ever.</summary>
    private async Task<NoticeOutcome> TellAsync(LogoutNotice notice, CancellationToken cancellationToken)
    {
        try
        {
            return notice.Kind == NoticeKind.Client
                ? await clients.TellAsync(notice, cancellationToken)
                : await providers.TellAsync(notice, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            NotTold(exception, notice.Target);
            return NoticeOutcome.Later;
        }
    }

    private async Task<LogoutNotice?> ClaimNextAsync(NoticeKind kind, string target, CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = time.GetUtcNow();
            var next = await database.LogoutNotices.AsNoTracking()
                .Where(notice => notice.Kind == kind && notice.Target == target && notice.NextAttemptAt <= now)
                .OrderBy(notice => notice.NextAttemptAt)
                .FirstOrDefaultAsync(cancellationToken);
            if (next is null)
            {
                return null;
            }

            var until = now + Claim;
            var attempts = next.Attempts + 1;
            var claimed = await database.LogoutNotices.Where(notice => notice.Id == next.Id && notice.Attempts == next.Attempts).ExecuteUpdateAsync(
                row => row.SetProperty(notice => notice.NextAttemptAt, until).SetProperty(notice => notice.Attempts, attempts), cancellationToken);
            if (claimed == 1)
            {
                next.Attempts = attempts;
                return next;
            }
        }
    }

    private async Task NoteAsync(LogoutNotice notice, NoticeOutcome outcome)
    {
        // Not cancelled: what was delivered must not be delivered again for nothing.
        var row = database.LogoutNotices.Where(row => row.Id == notice.Id);
        if (outcome == NoticeOutcome.NotYet && time.GetUtcNow() - notice.CreatedAt < LongestWait)
        {
            var (again, attempts) = (time.GetUtcNow() + Wait, notice.Attempts - 1);
            await row.ExecuteUpdateAsync(
                columns => columns.SetProperty(column => column.NextAttemptAt, again).SetProperty(column => column.Attempts, attempts), CancellationToken.None);
            return;
        }

        if (outcome == NoticeOutcome.Later && notice.Attempts <= Pauses.Length)
        {
            var next = time.GetUtcNow() + Pauses[notice.Attempts - 1];
            await row.ExecuteUpdateAsync(columns => columns.SetProperty(column => column.NextAttemptAt, next), CancellationToken.None);
            return;
        }

        await row.ExecuteDeleteAsync(CancellationToken.None);
        if (notice.Kind == NoticeKind.ProviderToken)
        {
            audit.TokenOfProvider(notice.Target, notice.AccountId, outcome);
        }
        else if (outcome == NoticeOutcome.Done)
        {
            audit.LogoutTold(notice.Kind, notice.Target, notice.AccountId, notice.SessionId);
        }
        else
        {
            var reason = outcome switch
            {
                NoticeOutcome.Refused => "it refused the notice",
                NoticeOutcome.NotYet => "another token of the person there was needed for too long",
                _ => "it did not answer for an hour",
            };
            audit.LogoutNotTold(notice.Kind, notice.Target, notice.AccountId, notice.SessionId, reason);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Telling {Target} of a logout failed; it counts as an attempt")]
    private partial void NotTold(Exception exception, string target);
}
