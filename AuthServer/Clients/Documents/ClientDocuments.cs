using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Clients.Fetching;
using McpAspire.AuthServer.Logos;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Strangers;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace McpAspire.AuthServer.Clients.Documents;

/// <summary>
/// Takes in client ID metadata documents: fetched and saved as an ordinary client row, one flight per URL at a time,
/// whoever waits for it. Nothing bad is ever kept.
/// </summary>
internal sealed class ClientDocuments(
    DocumentFetcher fetcher, LogoFetcher logos, IServiceScopeFactory scopes, StrangerRoom room, TimeProvider time, AuditLog audit)
{
    private readonly OneFlight<bool> _flights = new();

    /// <summary>Reads the document anew and saves what it says.</summary>
    /// <exception cref="ClientRefusedException">The document can't be used; the message says why.</exception>
    internal async Task TakeAsync(string clientId, bool renew = false)
    {
        await AuditedAsync(clientId, fetcher.CountSourceAsync);
        await _flights.JoinAsync(clientId, async () =>
        {
            await AuditedAsync(clientId, () => TakeNowAsync(clientId, renew));
            return true;
        });
    }

    private async Task AuditedAsync(string clientId, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (ClientRefusedException exception)
        {
            audit.DocumentRefused(clientId, exception.Message);
            throw;
        }
    }

    private async Task TakeNowAsync(string clientId, bool renew)
    {
        try
        {
            await SaveAsync(await fetcher.FetchAsync(clientId, renew));
            audit.DocumentTaken(clientId);
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
        var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        try
        {
            var client = await clients.FindByClientIdAsync(descriptor.ClientId!);
            await AddLogoAsync(descriptor, client is null ? null : await ClientProfile.OfAsync(clients, client, CancellationToken.None));
            if (client is null && !await room.MakeAsync(database, ClientSource.MetadataDocument, TimeSpan.Zero, CancellationToken.None))
            {
                throw new ClientRefusedException("There is no room for another client here. Try again later.", mayPass: true);
            }

            await using var transaction = await database.BeginAsync(CancellationToken.None);
            if (client is null)
            {
                await clients.CreateAsync(descriptor);
            }
            else
            {
                await clients.UpdateAsync(client, descriptor);
            }

            await RecordAsync(database, descriptor.ClientId!);
            await transaction.CommitAsync();
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

    private async Task AddLogoAsync(ClientDescriptor descriptor, ClientProfile? before)
    {
        if (descriptor.Profile is { LogoUri: { } uri, FreshUntil: { } until } profile)
        {
            descriptor.Profile = profile with { Logo = await logos.FetchAsync(descriptor.ClientId!, uri, uri == before?.LogoUri ? before.Logo : null, until) };
        }
    }

    /// <summary>A document that nobody uses is only a cache entry, so the oldest make room at any age.</summary>
    private async Task RecordAsync(AuthDbContext database, string clientId)
    {
        if (!await database.StrangerClients.AnyAsync(row => row.ClientId == clientId))
        {
            database.StrangerClients.Add(new StrangerClient { ClientId = clientId, Source = ClientSource.MetadataDocument, CreatedAt = time.GetUtcNow() });
            await database.SaveChangesAsync();
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
