using System.Security.Cryptography;
using System.Text.Json;
using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Sessions.OpenPages;
using Microsoft.AspNetCore.DataProtection;
using StackExchange.Redis;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>
/// Keeps sessions in Redis, encrypted by the key ring and bound to their record. The key is random and known to the
/// browser's cookie alone: the record's name is its hash. A session ends when it was not used for twelve hours.
/// </summary>
internal sealed class SessionStore(IConnectionMultiplexer redis, IDataProtectionProvider protection, SessionIndex index, SessionEndChannel channel)
{
    public static readonly TimeSpan IdleLifetime = TimeSpan.FromHours(12);

    private static readonly RedisValue SessionField = "session";
    private static readonly RedisValue TokensField = "tokens";

    // A script and no WATCH: every read moves the session's expiry, and so would break a transaction that watches it.
    private const string ReplaceTokens =
        "if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) return 1 end return 0";

    private const string EndSession =
        "if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('DEL', KEYS[1]) end return 0";

    private readonly IDataProtector _protector = protection.CreateProtector("session");

    /// <summary>Keeps a new session.</summary>
    /// <returns>Its key.</returns>
    /// <exception cref="SignedOutException">The issuer has just ended what this session would belong to.</exception>
    public async Task<string> AddAsync(Session session, TokenSet tokens)
    {
        var key = RandomValue.Create();
        var hash = SessionNames.HashOf(key);
        var name = SessionNames.Record(hash);
        await index.AddAsync(hash, session.Person, IdleLifetime,
        [
            new HashEntry(SessionField, Protect(name, session)),
            new HashEntry(TokensField, Protect(name, tokens)),
        ]);
        return key;
    }

    /// <summary>Reads a session, which counts as a use of it.</summary>
    public async Task<StoredSession?> FindAsync(string key)
    {
        var name = Name(key);
        var database = redis.GetDatabase();
        var reading = database.HashGetAsync(name, [SessionField, TokensField]);
        var touching = database.KeyExpireAsync(name, IdleLifetime);
        await Task.WhenAll(reading, touching);

        var stored = Open(name, await reading);
        if (stored is not null)
        {
            index.Touch(stored.Session.Person, IdleLifetime);
        }

        return stored;
    }

    /// <summary>Replaces the tokens of a session, if it still stands as it was read.</summary>
    public async Task<bool> TryReplaceTokensAsync(string key, StoredSession read, TokenSet tokens)
    {
        var name = Name(key);
        var replaced = await redis.GetDatabase().ScriptEvaluateAsync(
            ReplaceTokens, [name], [TokensField, read.Version, Protect(name, tokens)]);
        return (bool)replaced;
    }

    /// <summary>Ends a session, if there is one, and tells its open pages.</summary>
    /// <param name="key">The session's key.</param>
    /// <param name="page">The page that asked for it, which knows already.</param>
    /// <returns>What was ended.</returns>
    public async Task<StoredSession?> EndAsync(string key, string? page = null)
    {
        var name = Name(key);
        var database = redis.GetDatabase();
        var stored = Open(name, await database.HashGetAsync(name, [SessionField, TokensField]));
        await database.KeyDeleteAsync(name);
        await AfterEndAsync(key, stored?.Session.Person, page);
        return stored;
    }

    /// <summary>Ends a session, if its tokens are still those that were read, and tells its open pages.</summary>
    public async Task<bool> TryEndAsync(string key, StoredSession read)
    {
        var ended = await redis.GetDatabase().ScriptEvaluateAsync(EndSession, [Name(key)], [TokensField, read.Version]);
        if (!(bool)ended)
        {
            return false;
        }

        await AfterEndAsync(key, read.Session.Person, page: null);
        return true;
    }

    /// <summary>Takes the right to renew a session's tokens, among all circuits and replicas.</summary>
    /// <param name="key">The session's key.</param>
    /// <param name="lifetime">When another may take it, if it was not given back.</param>
    /// <returns>What gives it back when disposed, or null where another holds it.</returns>
    public async Task<IAsyncDisposable?> TryLockRenewalAsync(string key, TimeSpan lifetime)
    {
        var name = $"{Name(key)}:renewal";
        var holder = RandomValue.Create();
        return await redis.GetDatabase().LockTakeAsync(name, holder, lifetime) ? new Lock(redis, name, holder) : null;
    }

    private static string Name(string key) => SessionNames.Record(SessionNames.HashOf(key));

    private async Task AfterEndAsync(string key, SignedInPerson? person, string? page)
    {
        var hash = SessionNames.HashOf(key);
        await Task.WhenAll(
            channel.TellAsync(hash, page),
            person is null ? Task.CompletedTask : index.RemoveAsync(hash, person));
    }

    private StoredSession? Open(string name, RedisValue[] fields)
    {
        byte[]? session = fields[0];
        byte[]? tokens = fields[1];
        if (session is null || tokens is null)
        {
            return null;
        }

        try
        {
            return new StoredSession(Unprotect<Session>(name, session), Unprotect<TokenSet>(name, tokens), tokens);
        }
        catch (CryptographicException exception) when (!StoreOutage.IsCauseOf(exception))
        {
            // Encrypted with a key that is gone: nobody can use it any more.
            return null;
        }
    }

    private byte[] Protect<T>(string name, T value) =>
        _protector.CreateProtector(name, typeof(T).Name).Protect(JsonSerializer.SerializeToUtf8Bytes(value));

    private T Unprotect<T>(string name, byte[] stored) =>
        JsonSerializer.Deserialize<T>(_protector.CreateProtector(name, typeof(T).Name).Unprotect(stored))!;

    private sealed class Lock(IConnectionMultiplexer redis, string name, string holder) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await redis.GetDatabase().LockReleaseAsync(name, holder);
    }
}
