using McpAspire.AuthServer.Authorize;
using OpenIddict.Abstractions;

namespace McpAspire.AuthServer.Clients;

/// <summary>Which resources a client may get tokens for: a configured one those of its list, a stranger those that are open to strangers.</summary>
internal sealed class ClientResources(IOpenIddictApplicationManager clients)
{
    internal static bool Allows(ClientProfile client, ResourceOptions resource) =>
        client.Source == ClientSource.Configured
            ? client.Resources is null || client.Resources.Contains(resource.Uri)
            : resource.Strangers;

    /// <summary>False too where there is no such client.</summary>
    internal async Task<bool> AllowsAsync(string clientId, ResourceOptions resource, CancellationToken cancellationToken) =>
        await clients.FindByClientIdAsync(clientId, cancellationToken) is { } client
        && Allows(await ClientProfile.OfAsync(clients, client, cancellationToken), resource);
}
