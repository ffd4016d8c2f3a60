using System.Globalization;
using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.SignIn;

/// <summary>
/// Signs in by user name and password. Some wrong passwords lock an account for some time (<see cref="AccountLockOptions"/>). Whoever is refused learns
/// nothing of why: the answer and the work done (reads, one write, one hash) are the same for a wrong password, a locked
/// account and an unknown name.
/// </summary>
internal sealed class PasswordSignIn(AuthDbContext database, IPasswordHasher<Account> hasher, AccountLockOptions lockout, TimeProvider time, AuditLog audit)
{
    /// <summary>The longest user name or password that is looked at.</summary>
    internal const int LongestInput = 256;

    /// <summary>The row that is written where no account is.</summary>
    internal const string LastRefusal = "last-refused-sign-in";

    private static readonly Account Nobody = new()
    {
        Id = "nobody",
        UserName = "nobody",
        Name = "nobody",
        PasswordHash = new PasswordHasher<Account>().HashPassword(null!, RandomId.New()),
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    internal static string Normalize(string userName) => userName.Trim().ToLowerInvariant();

    /// <summary>The account, or null where the sign-in is refused.</summary>
    internal async Task<Account?> VerifyAsync(string userName, string password, CancellationToken cancellationToken)
    {
        var account = userName.Length <= LongestInput && password.Length <= LongestInput
            ? await FindAsync(Normalize(userName), cancellationToken)
            : null;
        // The try is counted before the password is looked at, so that parallel guesses can't outrun the count.
        var allowed = await CountTryAsync(account?.Id ?? Nobody.Id, cancellationToken);
        if (!allowed)
        {
            await WriteAsMuchAsync(cancellationToken);
        }

        var verified = hasher.VerifyHashedPassword(Nobody, (allowed ? account! : Nobody).PasswordHash!, password[..Math.Min(password.Length, LongestInput)]);
        if (!allowed || verified == PasswordVerificationResult.Failed)
        {
            audit.SignInRefused(account is null ? "unknown name or disabled account" : allowed ? "wrong password" : "locked", account?.Id);
            return null;
        }

        await database.Accounts.Where(row => row.Id == account!.Id).ExecuteUpdateAsync(
            row => row.SetProperty(column => column.FailedSignIns, 0).SetProperty(column => column.LockedUntil, (DateTimeOffset?)null),
            cancellationToken);
        return account;
    }

    private async Task<Account?> FindAsync(string userName, CancellationToken cancellationToken) =>
        await database.Accounts.AsNoTracking().FirstOrDefaultAsync(row => row.UserName == userName && row.DisabledAt == null, cancellationToken);

    private async Task<bool> CountTryAsync(string accountId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await database.Accounts.Where(row => row.Id == accountId && row.LockedUntil != null && row.LockedUntil <= now).ExecuteUpdateAsync(
            row => row.SetProperty(column => column.FailedSignIns, 0).SetProperty(column => column.LockedUntil, (DateTimeOffset?)null),
            cancellationToken);

        var (until, tries) = (now + lockout.Lasts, lockout.After);
        return await database.Accounts.Where(row => row.Id == accountId && row.FailedSignIns < tries).ExecuteUpdateAsync(
            row => row
                .SetProperty(column => column.FailedSignIns, column => column.FailedSignIns + 1)
                .SetProperty(column => column.LockedUntil, column => column.FailedSignIns + 1 >= tries ? until : column.LockedUntil),
            cancellationToken) == 1;
    }

    /// <summary>A write for nothing, since the time that one takes would tell which names exist.</summary>
    private async Task WriteAsMuchAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        await database.Settings.Where(setting => setting.Name == LastRefusal)
            .ExecuteUpdateAsync(row => row.SetProperty(setting => setting.Value, now), cancellationToken);
    }
}
