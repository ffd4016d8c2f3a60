using McpAspire.ServiceDefaults.KeyRing;
using StackExchange.Redis;

namespace McpAspire.ClientWeb.Connections.Identity;

/// <summary>
/// Keeps the client key in Redis, wrapped: made once by whichever replica comes first, and the same for all. It is
/// read anew for each use, so that replicas agree even after Redis was emptied.
/// </summary>
internal sealed class ClientKeyStore(IConnectionMultiplexer redis, WrappingKey wrapping)
{
    private const string Name = "clientweb:client-key";
    private const string Purpose = "client-key";

    public async Task<ClientKey> GetAsync()
    {
        var database = redis.GetDatabase();
        byte[]? stored = await database.StringGetAsync(Name);
        if (stored is null)
        {
            using var created = ClientKey.Create();
            await database.StringSetAsync(Name, wrapping.Wrap(created.Export(), Purpose), when: When.NotExists);
            stored = await database.StringGetAsync(Name);
        }

        return ClientKey.Import(wrapping.Unwrap(stored, Purpose));
    }
}
