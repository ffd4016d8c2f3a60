using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace McpAspire.AuthServer.Clients;

/// <summary>
/// Takes in client ID metadata documents: fetched and saved as an ordinary client row, one flight per URL at a time,
/// whoever waits for it. Nothing bad is ever kept.
/// </summary>
internal sealed class ClientDocuments(DocumentFetcher fetcher, IServiceScopeFactory scopes, TimeProvider time, AuditLog audit)
{
    private readonly OneFlight<bool> _flights = new();

    /// <summary>Reads the document anew and saves what it says.</summary>
    /// <exception cref="ClientRefusedException">The document can't be used; the message says why.</exception>
    internal Task TakeAsync(string clientId, bool renew = false) => _flights.JoinAsync(clientId, async () =>
    {
        await TakeNowAsync(clientId, renew);
        return true;
    });

    private async Task TakeNowAsync(string clientId, bool renew)
    {
        try
        {
            await SaveAsync(await fetcher.FetchAsync(clientId, renew));
            audit.DocumentTaken(clientId);
        }
        catch (ClientRefusedException exception)
        {
            audit.DocumentRefused(clientId, exception.Message);
            throw;
        }
        catch (OpenIddictExceptions.ConcurrencyException)
        {
            // Another process saved the same document at the same time.
        }
        catch (DbUpdateException)
        {
            // The same, for the first time that this client was seen.
        }
    }

    private async Task SaveAsync(ClientDescriptor descriptor)
    {
        await using var scope = scopes.CreateAsyncScope();
        var clients = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        try
        {
            if (await clients.FindByClientIdAsync(descriptor.ClientId!) is { } client)
            {
                await clients.UpdateAsync(client, descriptor);
            }
            else
            {
                await clients.CreateAsync(descriptor);
            }
        }
        catch (OpenIddictExceptions.ValidationException exception)
        {
            var faults = string.Join(' ', exception.Results.Select(result => result.ErrorMessage));
            if (!await WasSavedMeanwhileAsync(scope.ServiceProvider, descriptor))
            {
                throw new ClientRefusedException($"The client metadata document can't be used: {faults}");
            }
        }
    }

    /// <summary>Another process may have been first to save the same document: its row is as good as ours.</summary>
    private async Task<bool> WasSavedMeanwhileAsync(IServiceProvider services, ClientDescriptor descriptor)
    {
        var properties = await services.GetRequiredService<AuthDbContext>().Clients.AsNoTracking()
            .Where(row => row.ClientId == descriptor.ClientId)
            .Select(row => row.Properties)
            .FirstOrDefaultAsync();
        return ClientProfile.Parse(properties) is { FreshUntil: { } freshUntil } && freshUntil > time.GetUtcNow();
    }
}
