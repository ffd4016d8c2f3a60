using McpAspire.ClientWeb.Connections.Authorization;
using StackExchange.Redis;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>
/// Finds sessions by what the issuer calls them: (iss, sid) and (iss, sub). A session's record and its entries are
/// made in one step, and so is the look for a logout that came first. An index lives as long as the longest living of
/// its sessions; entries of sessions that ended by idleness are dropped when the next is added.
/// </summary>
internal sealed class SessionIndex(IConnectionMultiplexer redis)
{
    // KEYS: record, sub's index, sub's end, and with a sid its index and its end.
    // ARGV: hash, lifetime in seconds, iat of the ID token, whose it is, then the record's fields and values.
    private const string Add = """
        local ended = redis.call('GET', KEYS[3])
        if ended and tonumber(ARGV[3]) <= tonumber(ended) then return 0 end
        if KEYS[4] then
          local whose = redis.call('GET', KEYS[5])
          if whose and (whose == '' or whose == ARGV[4]) then return 0 end
          redis.call('SADD', KEYS[4], ARGV[1])
          redis.call('EXPIRE', KEYS[4], ARGV[2])
        end
        redis.call('SADD', KEYS[2], ARGV[1])
        redis.call('EXPIRE', KEYS[2], ARGV[2])
        redis.call('HSET', KEYS[1], ARGV[5], ARGV[6], ARGV[7], ARGV[8])
        redis.call('EXPIRE', KEYS[1], ARGV[2])
        return 1
        """;

    /// <summary>Keeps a session's record so that it can be found.</summary>
    /// <param name="hash">The session.</param>
    /// <param name="person">Whose it is.</param>
    /// <param name="lifetime">How long it is kept unused.</param>
    /// <param name="record">The two fields of its record.</param>
    /// <exception cref="SignedOutException">A logout for it came first.</exception>
    public async Task AddAsync(string hash, SignedInPerson person, TimeSpan lifetime, HashEntry[] record)
    {
        var indexes = Of(person);
        await Task.WhenAll(indexes.Select(DropEndedAsync));

        List<RedisKey> keys =
        [
            SessionNames.Record(hash),
            SessionNames.OfSubject(person.Issuer, person.Subject),
            SessionNames.EndedSubject(person.Issuer, person.Subject),
        ];
        if (person.SessionId is { } sessionId)
        {
            keys.Add(SessionNames.OfSession(person.Issuer, sessionId));
            keys.Add(SessionNames.EndedSession(person.Issuer, sessionId));
        }

        var added = await redis.GetDatabase().ScriptEvaluateAsync(Add, [.. keys],
        [
            hash,
            (long)lifetime.TotalSeconds,
            person.IssuedAt.ToUnixTimeSeconds(),
            SessionNames.Subject(person.Issuer, person.Subject),
            .. record.SelectMany(entry => new[] { entry.Name, entry.Value }),
        ]);
        if (!(bool)added)
        {
            throw new SignedOutException();
        }
    }

    /// <summary>Lets the indexes live as long as a session that was just used. Nobody waits for it: the next use does it again.</summary>
    public void Touch(SignedInPerson person, TimeSpan lifetime)
    {
        var database = redis.GetDatabase();
        foreach (var name in Of(person))
        {
            database.KeyExpire(name, lifetime, flags: CommandFlags.FireAndForget);
        }
    }

    /// <summary>Forgets a session that has ended.</summary>
    public Task RemoveAsync(string hash, SignedInPerson person)
    {
        var database = redis.GetDatabase();
        return Task.WhenAll(Of(person).Select(name => database.SetRemoveAsync(name, hash)));
    }

    private static RedisKey[] Of(SignedInPerson person) => person.SessionId is { } sessionId
        ? [SessionNames.OfSubject(person.Issuer, person.Subject), SessionNames.OfSession(person.Issuer, sessionId)]
        : [SessionNames.OfSubject(person.Issuer, person.Subject)];

    // A hash is never used again, so one that has no record now will never have one.
    private async Task DropEndedAsync(RedisKey name)
    {
        var database = redis.GetDatabase();
        var hashes = await database.SetMembersAsync(name);
        var stand = await Task.WhenAll(hashes.Select(hash => database.KeyExistsAsync(SessionNames.Record(hash!))));
        var ended = hashes.Where((_, i) => !stand[i]).ToArray();
        if (ended.Length > 0)
        {
            await database.SetRemoveAsync(name, ended);
        }
    }
}
