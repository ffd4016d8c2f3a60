using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.Keys;

/// <summary>
/// What changes the ring. Whoever does takes turns with all other processes and looks again first, so that each use gets
/// one new key and not one from each.
/// </summary>
internal sealed class KeyStore(AuthDbContext database, KeyRing ring, TimeProvider time, AuditLog audit)
{
    /// <summary>True where <see cref="TurnAsync"/> has something to do.</summary>
    internal static bool IsTurnDue(IEnumerable<KeyLife> lives, DateTimeOffset now)
    {
        var all = lives.ToArray();
        return Array.Exists(all, life => life.IsGoneAt(now)) || Enum.GetValues<KeyUse>().Any(use => NextOf(use, all, now) is not null);
    }

    /// <summary>Makes the first key of each use, announces the next where the active one is old, and removes what nothing needs any more.</summary>
    internal Task TurnAsync(CancellationToken cancellationToken) => ChangeAsync(
        (lives, now) =>
        {
            foreach (var use in Enum.GetValues<KeyUse>())
            {
                if (NextOf(use, lives, now) is { } begins)
                {
                    Add(use, begins);
                }
            }

            foreach (var gone in lives.Where(life => life.IsGoneAt(now)))
            {
                Remove(gone.Key);
            }
        },
        cancellationToken);

    /// <summary>Announces the next key of each use that has none announced; it becomes active a day later.</summary>
    internal Task AnnounceAsync(CancellationToken cancellationToken) => ChangeAsync(
        (lives, now) =>
        {
            foreach (var use in Enum.GetValues<KeyUse>().Except(lives.Where(life => life.StateAt(now) == KeyState.Announced).Select(life => life.Key.Use)))
            {
                Add(use, now + KeyLife.Announced);
            }
        },
        cancellationToken);

    /// <summary>
    /// Gives each use a new key as soon as every process has read it. Keys that were announced and have made nothing are
    /// removed: who could read the active one could read them too.
    /// </summary>
    internal Task RotateNowAsync(CancellationToken cancellationToken) => ChangeAsync(
        (lives, now) =>
        {
            var begins = now + KeyLife.ShortestAnnouncement;
            foreach (var unused in lives.Where(life => life.Key.NotBefore > begins))
            {
                Remove(unused.Key);
            }

            foreach (var use in Enum.GetValues<KeyUse>())
            {
                Add(use, begins);
            }
        },
        cancellationToken);

    /// <summary>Takes a retired key out before its time: nothing that it made is good any more.</summary>
    /// <returns>The state of the key, which is removed where that is <see cref="KeyState.Retired"/>; null where there is none.</returns>
    internal async Task<KeyState?> RemoveAsync(string kid, CancellationToken cancellationToken)
    {
        KeyState? state = null;
        await ChangeAsync(
            (lives, now) =>
            {
                var found = lives.FirstOrDefault(life => life.Key.Kid == kid);
                state = found?.StateAt(now);
                if (state == KeyState.Retired)
                {
                    Remove(found!.Key);
                }
            },
            cancellationToken);
        return state;
    }

    private async Task ChangeAsync(Action<IReadOnlyList<KeyLife>, DateTimeOffset> change, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginInTurnAsync(cancellationToken);
        change(KeyLife.Of(await database.Keys.ToListAsync(cancellationToken)), time.GetUtcNow());
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await ring.ReadAsync(database, cancellationToken);
    }

    /// <summary>When the next key of a use would begin; null where none is due.</summary>
    private static DateTimeOffset? NextOf(KeyUse use, IEnumerable<KeyLife> lives, DateTimeOffset now) =>
        lives.LastOrDefault(life => life.Key.Use == use) switch
        {
            null => now,
            { } last when last.Key.NotBefore + KeyLife.Active - KeyLife.Announced <= now => now + KeyLife.Announced,
            _ => null,
        };

    private void Add(KeyUse use, DateTimeOffset begins)
    {
        var key = ring.New(use, begins);
        database.Keys.Add(key);
        audit.KeyMade(use, key.Kid, begins);
    }

    private void Remove(StoredKey key)
    {
        database.Keys.Remove(key);
        audit.KeyRemoved(key.Use, key.Kid);
    }
}
