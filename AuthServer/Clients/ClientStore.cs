using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OpenIddict.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;

namespace McpAspire.AuthServer.Clients;

/// <summary>OpenIddict's store of clients, which finds one by its id, as every request does, by a statement that is compiled once.</summary>
internal sealed class ClientStore(
    IMemoryCache cache,
    IOpenIddictEntityFrameworkCoreContext context,
    IOptionsMonitor<OpenIddictEntityFrameworkCoreOptions> options,
    AuthDbContext database,
    ClientStore.Query query) : OpenIddictEntityFrameworkCoreApplicationStore(cache, context, options)
{
    /// <inheritdoc />
    public override async ValueTask<OpenIddictEntityFrameworkCoreApplication?> FindByClientIdAsync(string identifier, CancellationToken cancellationToken) =>
        await query.Run(database, identifier);

    /// <summary>The compiled statement, one for each process.</summary>
    internal sealed class Query
    {
        internal Func<AuthDbContext, string, Task<OpenIddictEntityFrameworkCoreApplication?>> Run { get; } = EF.CompileAsyncQuery(
            (AuthDbContext database, string clientId) => database.Clients.AsTracking().FirstOrDefault(client => client.ClientId == clientId));
    }
}
