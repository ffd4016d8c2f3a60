using McpAspire.AuthServer.Audit;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// Finds clients. One whose id is a URL describes itself in a document there; a good document becomes an ordinary
/// client row with a time until which it is fresh, shared by all processes.
/// </summary>
internal sealed class ClientDirectory(IOpenIddictApplicationManager clients, DocumentFetcher documents, TimeProvider time, AuditLog audit)
{
    /// <summary>The client, or null where there is none of that id.</summary>
    /// <exception cref="ClientRefusedException">Its metadata document can't be used.</exception>
    internal async Task<object?> FindAsync(string clientId, CancellationToken cancellationToken)
    {
        var client = await clients.FindByClientIdAsync(clientId, cancellationToken);
        if (!DocumentAddress.LooksLikeUrl(clientId))
        {
            return client;
        }

        if (client is not null)
        {
            var profile = await ClientProfile.OfAsync(clients, client, cancellationToken);
            if (profile.Source == ClientSource.Configured || profile.FreshUntil > time.GetUtcNow())
            {
                return client;
            }
        }

        return await FetchAsync(clientId, cancellationToken);
    }

    /// <summary>Reads a client's metadata document anew, fresh or not: its keys may have changed.</summary>
    /// <exception cref="ClientRefusedException">The document can't be used.</exception>
    internal async Task<object?> FetchAsync(string clientId, CancellationToken cancellationToken)
    {
        OpenIddictApplicationDescriptor descriptor;
        try
        {
            descriptor = await documents.FetchAsync(clientId);
        }
        catch (ClientRefusedException exception)
        {
            audit.DocumentRefused(clientId, exception.Message);
            throw;
        }

        try
        {
            await SaveAsync(descriptor, cancellationToken);
            audit.DocumentTaken(clientId);
        }
        catch (OpenIddictExceptions.ConcurrencyException)
        {
            // Another request or process saved the same document at the same time.
        }
        catch (DbUpdateException)
        {
            // The same, for the first time that this client was seen.
        }

        return await clients.FindByClientIdAsync(clientId, cancellationToken);
    }

    private async Task SaveAsync(OpenIddictApplicationDescriptor descriptor, CancellationToken cancellationToken)
    {
        var client = await clients.FindByClientIdAsync(descriptor.ClientId!, cancellationToken);
        if (client is null)
        {
            await clients.CreateAsync(descriptor, cancellationToken);
        }
        else
        {
            await clients.UpdateAsync(client, descriptor, cancellationToken);
        }
    }
}
