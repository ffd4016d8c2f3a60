using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace McpAspire.AuthServer.Clients.Configured;

/// <summary>
/// Writes the clients of the setting <c>Clients</c> to the database at each start, so that configuration is what holds,
/// and removes the ones that it no longer names.
/// </summary>
internal sealed class ConfiguredClients(
    IOpenIddictApplicationManager clients, AuthDbContext database, ConfiguredClient rules, ConfiguredClientRows known, IConfiguration configuration)
{
    /// <exception cref="InvalidOperationException">A client can't be used as it is configured.</exception>
    internal async Task ApplyAsync(CancellationToken cancellationToken)
    {
        var descriptors = configuration.GetSection("Clients").GetChildren().Select(Describe).ToArray();
        if (descriptors.GroupBy(client => client.ClientId, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { Key: var twice })
        {
            throw new InvalidOperationException($"The setting 'Clients' names the client '{twice}' twice. Remove one.");
        }

        foreach (var descriptor in descriptors)
        {
            await SaveAsync(descriptor, cancellationToken);
        }

        await RemoveOthersAsync([.. descriptors.Select(client => client.ClientId!)], cancellationToken);
        known.Forget();
    }

    private async Task SaveAsync(ClientDescriptor descriptor, CancellationToken cancellationToken)
    {
        if (await clients.FindByClientIdAsync(descriptor.ClientId!, cancellationToken) is { } existing)
        {
            await clients.UpdateAsync(existing, descriptor, cancellationToken);
        }
        else
        {
            await clients.CreateAsync(descriptor, cancellationToken);
        }

        // It may have been a stranger before; those go when nobody uses them.
        await database.StrangerClients.Where(stranger => stranger.ClientId == descriptor.ClientId).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task RemoveOthersAsync(HashSet<string> named, CancellationToken cancellationToken)
    {
        var gone = new List<object>();
        await foreach (var client in clients.ListAsync(cancellationToken: cancellationToken))
        {
            var profile = await ClientProfile.OfAsync(clients, client, cancellationToken);
            if (profile.Source == ClientSource.Configured && !named.Contains((await clients.GetClientIdAsync(client, cancellationToken))!))
            {
                gone.Add(client);
            }
        }

        foreach (var client in gone)
        {
            await clients.DeleteAsync(client, cancellationToken);
        }
    }

    private ClientDescriptor Describe(IConfigurationSection section)
    {
        try
        {
            return rules.Describe(section);
        }
        catch (ClientRefusedException exception)
        {
            var name = section[nameof(ClientOptions.ClientId)] is { Length: > 0 } clientId ? $"The client '{clientId}'" : $"Client {section.Key}";
            throw new InvalidOperationException($"{name} of the setting 'Clients' can't be used: {exception.Message}", exception);
        }
    }
}
