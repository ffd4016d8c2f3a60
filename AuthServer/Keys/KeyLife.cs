namespace McpAspire.AuthServer.Keys;

/// <summary>The life of a key: announced ahead, active, then kept until what it made has expired.</summary>
internal enum KeyState
{
    Announced,
    Active,
    Retired,
}

/// <summary>A key and its life, which follows from the clock and from when the next key of its use becomes active.</summary>
/// <param name="Key">The key.</param>
/// <param name="RetiredAt">When the next one takes its place; null while there is none.</param>
internal sealed record KeyLife(StoredKey Key, DateTimeOffset? RetiredAt)
{
    internal static readonly TimeSpan Active = TimeSpan.FromDays(30);

    /// <summary>So long ahead of its first use a key is published.</summary>
    internal static readonly TimeSpan Announced = TimeSpan.FromDays(1);

    /// <summary>How long a retired key is published, where access tokens don't live longer.</summary>
    internal static readonly TimeSpan Published = TimeSpan.FromDays(1);

    /// <summary>
    /// How long we read what a retired key made: refresh tokens live as long but for a day. Every use has it, since in those of
    /// earlier versions other keys had a part.
    /// </summary>
    internal static readonly TimeSpan Kept = Grants.GrantStore.RefreshLifetime + TimeSpan.FromDays(1);

    /// <summary>How often each process reads the ring.</summary>
    internal static readonly TimeSpan Poll = TimeSpan.FromSeconds(10);

    /// <summary>The shortest announcement: every process has read the ring meanwhile, so none meets a key that it does not know.</summary>
    internal static readonly TimeSpan ShortestAnnouncement = 3 * Poll;

    internal static IReadOnlyList<KeyLife> Of(IEnumerable<StoredKey> keys) =>
    [
        .. keys.GroupBy(key => key.Use).OrderBy(use => use.Key).SelectMany(use =>
        {
            var inOrder = use.OrderBy(key => key.NotBefore).ThenBy(key => key.Kid, StringComparer.Ordinal).ToArray();
            return inOrder.Select((key, index) => new KeyLife(key, index + 1 < inOrder.Length ? inOrder[index + 1].NotBefore : null));
        }),
    ];

    internal KeyState StateAt(DateTimeOffset now) =>
        now < Key.NotBefore ? KeyState.Announced : RetiredAt is null || now < RetiredAt ? KeyState.Active : KeyState.Retired;

    /// <summary>True where verifiers may meet what it signed, or soon will.</summary>
    internal bool IsPublishedAt(DateTimeOffset now, TimeSpan accessTokenLifetime) =>
        !(RetiredAt + Published + accessTokenLifetime <= now);

    internal bool IsGoneAt(DateTimeOffset now) => RetiredAt + Kept <= now;
}
