using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Storage;

/// <summary>
/// Brings the database to the current model at start. Processes that start at once take turns by a lock on a file,
/// which the operating system frees even after a crash. EF Core's own lock is a row that a crash leaves behind; while
/// we hold the file, such a row is nobody's.
/// </summary>
internal static class DatabaseMigration
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    internal static async Task<IDisposable> LockAsync(DatabaseFile file, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        while (true)
        {
            try
            {
                return new FileStream(file.Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!limit.IsCancellationRequested)
            {
                await Task.Delay(Pause, limit.Token);
            }
        }
    }

    internal static async Task ApplyAsync(AuthDbContext database, CancellationToken cancellationToken)
    {
        await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);
        await database.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
        await database.Database.MigrateAsync(cancellationToken);
    }
}
