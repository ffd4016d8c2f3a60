using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using StackExchange.Redis;

namespace McpAspire.ClientWeb.Connections.Authorization;

/// <summary>Keeps pending authorizations in Redis: encrypted, for ten minutes, each to be taken once.</summary>
internal sealed class PendingAuthorizationStore(IConnectionMultiplexer redis, IDataProtectionProvider protection)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly IDataProtector _protector = protection.CreateProtector("pending-authorization");

    /// <summary>Keeps it under its <c>state</c>.</summary>
    public async Task AddAsync(string state, PendingAuthorization pending)
    {
        var name = Name(state);
        var json = JsonSerializer.SerializeToUtf8Bytes(pending);
        await redis.GetDatabase().StringSetAsync(name, _protector.CreateProtector(name).Protect(json), Lifetime);
    }

    /// <summary>Reads it and leaves it: whoever merely saw its <c>state</c> must not end it.</summary>
    public async Task<PendingAuthorization?> FindAsync(string state)
    {
        var name = Name(state);
        return Open(name, await redis.GetDatabase().StringGetAsync(name));
    }

    /// <summary>Takes it away: a second answer with the same <c>state</c> finds nothing.</summary>
    public async Task<PendingAuthorization?> TakeAsync(string state)
    {
        var name = Name(state);
        return Open(name, await redis.GetDatabase().StringGetDeleteAsync(name));
    }

    private PendingAuthorization? Open(string name, byte[]? stored) =>
        stored is null ? null : JsonSerializer.Deserialize<PendingAuthorization>(_protector.CreateProtector(name).Unprotect(stored));

    private static string Name(string state) => $"clientweb:signin:{RandomValue.Hash(state)}";
}
