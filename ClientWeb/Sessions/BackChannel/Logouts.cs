using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Sessions.OpenPages;
using McpAspire.ServiceDefaults;
using StackExchange.Redis;

namespace McpAspire.ClientWeb.Sessions.BackChannel;

/// <summary>
/// Does what a logout token says: ends the sessions, with their tokens, and tells their open pages. Nothing is revoked
/// at the issuer, which knows. Every step can be done again, and the token counts as used after the last one only: where
/// Redis goes away in between, the sender's next try does the rest.
/// </summary>
internal sealed class Logouts(IConnectionMultiplexer redis, SessionEndChannel channel, TimeProvider time)
{
    // As long as a sign-in can go on with a code of the session that ended, and the answer take.
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    // In one step, so that a sign-in that ends now either sees the mark or is found. KEYS: the token, the mark, one or
    // two indexes. ARGV: what the mark says, how long it stays.
    private const string MarkAndFind = """
        if redis.call('EXISTS', KEYS[1]) == 1 then return false end
        redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
        if KEYS[4] then return redis.call('SINTER', KEYS[3], KEYS[4]) end
        return redis.call('SMEMBERS', KEYS[3])
        """;

    /// <summary>Ends the sessions that a token names: of the <c>sid</c>, of the <c>sub</c>, or of both where it has both.</summary>
    /// <returns>How many stood.</returns>
    /// <exception cref="InvalidTokenException">The token was used before.</exception>
    public async Task<int> ApplyAsync(LogoutToken token)
    {
        var database = redis.GetDatabase();
        var used = SessionNames.UsedLogoutToken(token.Issuer, token.TokenId);
        var indexes = Indexes(token);
        var (mark, said) = Mark(token);
        var found = await database.ScriptEvaluateAsync(
            MarkAndFind, [used, mark, .. indexes], [said, (long)Remembered.TotalSeconds]);
        if (found.IsNull)
        {
            throw Replayed();
        }

        var hashes = (RedisValue[])found!;
        var stood = await Task.WhenAll(hashes.Select(hash => database.KeyDeleteAsync(SessionNames.Record(hash!))));
        await Task.WhenAll(hashes.Select(hash => channel.TellAsync(hash!)));
        await Task.WhenAll(indexes.Select(index => database.SetRemoveAsync(index, hashes)));

        // A second more, so that there is always one.
        var usable = token.ExpiresAt + ClockSkew.Allowed - time.GetUtcNow() + TimeSpan.FromSeconds(1);
        return await database.StringSetAsync(used, "", usable, When.NotExists) ? stood.Count(ended => ended) : throw Replayed();
    }

    private static RedisKey[] Indexes(LogoutToken token)
    {
        List<RedisKey> indexes = [];
        if (token.SessionId is { } sessionId)
        {
            indexes.Add(SessionNames.OfSession(token.Issuer, sessionId));
        }

        if (token.Subject is { } subject)
        {
            indexes.Add(SessionNames.OfSubject(token.Issuer, subject));
        }

        return [.. indexes];
    }

    // A session that ended is over for good. A person can sign in again: only what the issuer said before is over.
    private static (RedisKey Mark, RedisValue Said) Mark(LogoutToken token) => token.SessionId is { } sessionId
        ? (SessionNames.EndedSession(token.Issuer, sessionId), token.Subject is { } subject ? SessionNames.Subject(token.Issuer, subject) : "")
        : (SessionNames.EndedSubject(token.Issuer, token.Subject!), token.IssuedAt.ToUnixTimeSeconds());

    private static InvalidTokenException Replayed() => new("it was used before");
}
