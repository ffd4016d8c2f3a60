using McpAspire.AuthServer.Clients.Documents;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// Finds clients. One whose id is a URL describes itself in a document there, whose row says until when it is fresh,
/// for all processes.
/// </summary>
internal sealed class ClientDirectory(
    IOpenIddictApplicationManager clients, AuthDbContext database, ClientDocuments documents, DocumentAddress addresses, DocumentHosts hosts, TimeProvider time)
{
    /// <summary>The client, or null where there is none of that id.</summary>
    /// <exception cref="ClientRefusedException">Its metadata document can't be used.</exception>
    internal async Task<object?> FindAsync(string clientId, CancellationToken cancellationToken)
    {
        if (DocumentAddress.LooksLikeUrl(clientId))
        {
            await BringInAsync(clientId, cancellationToken);
        }

        return await clients.FindByClientIdAsync(clientId, cancellationToken);
    }

    /// <summary>Reads a client's metadata document anew, fresh or not: its keys may have changed.</summary>
    /// <exception cref="ClientRefusedException">The document can't be used.</exception>
    internal async Task RenewAsync(object client, string clientId, CancellationToken cancellationToken)
    {
        await documents.TakeAsync(clientId, renew: true);
        await database.Entry(client).ReloadAsync(cancellationToken);
    }

    private async Task BringInAsync(string clientId, CancellationToken cancellationToken)
    {
        var profile = await ProfileAsync(clientId, cancellationToken);
        if (profile is { Source: ClientSource.Configured })
        {
            return;
        }

        hosts.Check(addresses.Check(clientId));
        if (profile?.FreshUntil is not { } freshUntil || freshUntil <= time.GetUtcNow())
        {
            await documents.TakeAsync(clientId);
        }
    }

    /// <summary>Looks past the manager, which would remember a client as missing for the rest of this request.</summary>
    private async Task<ClientProfile?> ProfileAsync(string clientId, CancellationToken cancellationToken) =>
        ClientProfile.Parse(await database.Clients.AsNoTracking()
            .Where(client => client.ClientId == clientId)
            .Select(client => client.Properties)
            .FirstOrDefaultAsync(cancellationToken));
}
