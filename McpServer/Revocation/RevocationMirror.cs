using System.Collections.Concurrent;
using McpAspire.McpServer.Authorization;
using McpAspire.ServiceDefaults;
using McpAspire.ServiceDefaults.Revocation;

namespace McpAspire.McpServer.Revocation;

/// <summary>
/// What this process knows of revocations, so that no call has to ask. It keeps what it knows until that expires, even
/// if Redis lost it. It is as old as the last read of everything that saw the mark of completeness.
/// </summary>
internal sealed class RevocationMirror(RevocationSettings settings, TimeProvider time, int capacity = RevocationMirror.Capacity)
{
    /// <summary>The age at which it no longer answers for tokens.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(15);

    /// <summary>How many entries it holds. More than these are no mirror that can be trusted, and so it grows old.</summary>
    public const int Capacity = 1_000_000;

    private readonly ConcurrentDictionary<string, long> _grants = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SubjectEnd> _subjects = new(StringComparer.Ordinal);

    // A timestamp of the clock; 0 for never.
    private long _completeAt;

    /// <summary>Something new was learnt.</summary>
    public event Action? Changed;

    /// <summary>True where it answers for tokens: it is young enough, or there are no revocations to hear of.</summary>
    public bool IsFresh =>
        !settings.Enabled || (Volatile.Read(ref _completeAt) is > 0 and var at && time.GetElapsedTime(at) <= MaxAge);

    /// <summary>How many entries it holds.</summary>
    public int Count => _grants.Count + _sessions.Count + _subjects.Count;

    /// <summary>True where the token of this caller was ended.</summary>
    /// <param name="caller">Who calls.</param>
    public bool Ends(CurrentCaller caller) =>
        (caller.GrantId is { } grant && _grants.ContainsKey(grant))
        || (caller.SessionId is { } session && _sessions.ContainsKey(session))
        || (_subjects.TryGetValue(caller.Subject, out var end) && caller.IssuedAt.ToUnixTimeSeconds() <= end.IssuedUpTo);

    /// <summary>Takes in what was read or told.</summary>
    /// <param name="entries">The entries.</param>
    /// <returns>False where it is full and an entry was left out.</returns>
    public bool Add(IEnumerable<RevocationEntry> entries)
    {
        bool changed = false, all = true;
        var count = Count;
        foreach (var entry in entries)
        {
            if (count >= capacity)
            {
                all = false;
                break;
            }

            if (Add(entry))
            {
                changed = true;
                count++;
            }
        }

        if (changed)
        {
            Changed?.Invoke();
        }

        return all;
    }

    /// <summary>Says that everything that matters was read at a moment.</summary>
    /// <param name="timestamp">The clock's timestamp when the read began.</param>
    public void SetComplete(long timestamp) => Volatile.Write(ref _completeAt, timestamp);

    /// <summary>Forgets the entries that no living token can match.</summary>
    public void Sweep()
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        foreach (var (id, until) in _grants)
        {
            Forget(_grants, id, until, until < now);
        }

        foreach (var (id, until) in _sessions)
        {
            Forget(_sessions, id, until, until < now);
        }

        foreach (var (id, end) in _subjects)
        {
            Forget(_subjects, id, end, end.Until < now);
        }
    }

    private bool Add(RevocationEntry entry)
    {
        // Tokens are taken for as long as clocks may differ after they expire, so entries must be too.
        var until = (entry.ExpiresAt + ClockSkew.Allowed).ToUnixTimeSeconds();
        return until >= time.GetUtcNow().ToUnixTimeSeconds() && entry.Kind switch
        {
            RevokedKind.Grant => Add(_grants, entry.Id, until, Math.Max),
            RevokedKind.Session => Add(_sessions, entry.Id, until, Math.Max),
            _ => Add(_subjects, entry.Id, new SubjectEnd(entry.IssuedUpTo!.Value.ToUnixTimeSeconds(), until), SubjectEnd.Both),
        };
    }

    private static bool Add<T>(ConcurrentDictionary<string, T> entries, string id, T entry, Func<T, T, T> merge) where T : struct, IEquatable<T>
    {
        while (!entries.TryAdd(id, entry))
        {
            if (entries.TryGetValue(id, out var known))
            {
                var merged = merge(known, entry);
                if (merged.Equals(known))
                {
                    return false;
                }

                if (entries.TryUpdate(id, merged, known))
                {
                    return true;
                }
            }
        }

        return true;
    }

    // Only if it is still what was looked at: it may have been prolonged meanwhile.
    private static void Forget<T>(ConcurrentDictionary<string, T> entries, string id, T entry, bool expired)
    {
        if (expired)
        {
            entries.TryRemove(KeyValuePair.Create(id, entry));
        }
    }

    /// <summary>The end of a person's tokens. Of two ends the later covers both.</summary>
    private readonly record struct SubjectEnd(long IssuedUpTo, long Until)
    {
        public static SubjectEnd Both(SubjectEnd one, SubjectEnd other) =>
            new(Math.Max(one.IssuedUpTo, other.IssuedUpTo), Math.Max(one.Until, other.Until));
    }
}
