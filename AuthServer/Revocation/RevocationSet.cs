using McpAspire.AuthServer.SignIn;
using McpAspire.ServiceDefaults.Revocation;
using StackExchange.Redis;

namespace McpAspire.AuthServer.Revocation;

/// <summary>The revocation entries in Redis, as resource servers read them (<see cref="RevocationPlaces"/>).</summary>
internal sealed class RevocationSet(IConnectionMultiplexer redis)
{
    /// <summary>Names the process that is filling the set. Where Redis loses its data meanwhile, this is lost too.</summary>
    private const string Filling = RevocationPlaces.Entries + ":filling";

    private static readonly TimeSpan LongestFilling = TimeSpan.FromMinutes(5);

    private IDatabase Database => redis.GetDatabase();

    internal Task<bool> IsCompleteAsync() => Database.KeyExistsAsync(RevocationPlaces.CompleteMark);

    /// <summary>Writes entries, then tells each on the channel, in one round trip: who hears of one finds it in the set too.</summary>
    internal async Task TellAsync(IReadOnlyCollection<StoredRevocation> entries)
    {
        var batch = Database.CreateBatch();
        var sent = new List<Task> { batch.SortedSetAddAsync(RevocationPlaces.Entries, Members(entries)) };
        sent.AddRange(entries.Select(entry => batch.PublishAsync(RedisChannel.Literal(RevocationPlaces.Channel), RevocationEntry.MessageOf(entry.Member, entry.ExpiresAt))));
        batch.Execute();
        await Task.WhenAll(sent);
    }

    /// <summary>Fills the set from the database, then sets the mark.</summary>
    /// <param name="read">Reads all entries that still matter. It is called after Redis was asked, so that nothing is missed in between.</param>
    /// <returns>False where Redis lost its data meanwhile, or another process fills it too: look again.</returns>
    internal async Task<bool> FillAsync(Func<Task<List<StoredRevocation>>> read)
    {
        var turn = RandomId.New();
        await Database.StringSetAsync(Filling, turn, LongestFilling);
        var entries = await read();
        var transaction = Database.CreateTransaction();
        transaction.AddCondition(Condition.StringEqual(Filling, turn));
        if (entries.Count > 0)
        {
            _ = transaction.SortedSetAddAsync(RevocationPlaces.Entries, Members(entries));
        }

        _ = transaction.StringSetAsync(RevocationPlaces.CompleteMark, 1);
        _ = transaction.KeyDeleteAsync(Filling);
        return await transaction.ExecuteAsync();
    }

    /// <summary>Removes the entries that no longer matter.</summary>
    internal Task RemoveExpiredAsync(DateTimeOffset now) =>
        Database.SortedSetRemoveRangeByScoreAsync(RevocationPlaces.Entries, double.NegativeInfinity, now.ToUnixTimeSeconds(), Exclude.Stop);

    private static SortedSetEntry[] Members(IEnumerable<StoredRevocation> entries) =>
        [.. entries.Select(entry => new SortedSetEntry(entry.Member, entry.ExpiresAt.ToUnixTimeSeconds()))];
}
