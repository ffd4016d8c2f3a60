using McpAspire.AuthServer.Clients.Configured;
using McpAspire.AuthServer.Storage;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OpenIddict.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// OpenIddict's store of clients, which finds one by its id, as every request does, by a statement that is compiled once,
/// and a configured one in memory (<see cref="ConfiguredClientRows"/>).
/// </summary>
internal sealed class ClientStore(
    IMemoryCache cache,
    IOpenIddictEntityFrameworkCoreContext context,
    IOptionsMonitor<OpenIddictEntityFrameworkCoreOptions> options,
    AuthDbContext database,
    ConfiguredClientRows known) : OpenIddictEntityFrameworkCoreApplicationStore(cache, context, options)
{
    /// <inheritdoc />
    public override async ValueTask<OpenIddictEntityFrameworkCoreApplication?> FindByClientIdAsync(string identifier, CancellationToken cancellationToken) =>
        known.Find(identifier) ?? await known.ReadAsync(database, identifier);
}
