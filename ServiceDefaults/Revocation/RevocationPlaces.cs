namespace McpAspire.ServiceDefaults.Revocation;

/// <summary>
/// Where revocations are in Redis. The authorization server writes, resource servers only read. Every name begins with
/// the authorization server's prefix.
/// </summary>
public static class RevocationPlaces
{
    /// <summary>The sorted set of <see cref="RevocationEntry.Member"/>, by Unix second of expiry.</summary>
    public const string Entries = "authserver:revocations";

    /// <summary>
    /// The mark that says that <see cref="Entries"/> is complete. It is set only after all entries that still matter were
    /// written; where Redis lost its data the mark is lost with them.
    /// </summary>
    public const string CompleteMark = "authserver:revocations:complete";

    /// <summary>The channel on which each entry is told once, as it is written.</summary>
    public const string Channel = "authserver:revocations";
}
