using Microsoft.Extensions.Configuration;

namespace McpAspire.AppHost;

/// <summary>
/// Ports are fixed, since issuers, resource identifiers and redirect URIs are identities. The services' defaults stand
/// in their launch profiles, Keycloak's here; each can be changed by the setting <c>Ports:NAME</c>.
/// </summary>
internal static class Ports
{
    private const int KeycloakHttp = 8080;
    private const int KeycloakHttps = 8443;

    /// <summary>Keycloak's port under the current profile.</summary>
    internal static int KeycloakPort(this IDistributedApplicationBuilder builder) =>
        builder.ConfiguredPort("keycloak") ?? (builder.IsHttps() ? KeycloakHttps : KeycloakHttp);

    /// <summary>Moves a service to the port that <c>Ports:NAME</c> names, if it does.</summary>
    internal static IResourceBuilder<ProjectResource> WithConfiguredPort(this IResourceBuilder<ProjectResource> service)
    {
        var builder = service.ApplicationBuilder;
        return builder.ConfiguredPort(service.Resource.Name) is { } port
            ? service.WithEndpoint(builder.Scheme(), endpoint => endpoint.Port = port, createIfNotExists: false)
            : service;
    }

    private static int? ConfiguredPort(this IDistributedApplicationBuilder builder, string name) =>
        builder.Configuration.GetValue<int?>($"Ports:{name}");
}
