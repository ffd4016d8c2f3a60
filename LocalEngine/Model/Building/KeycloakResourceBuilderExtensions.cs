using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds Keycloak.</summary>
public static class KeycloakResourceBuilderExtensions
{
    /// <summary>Adds a Keycloak server. Unless said, its port is any, and its administrator's password generated and kept.</summary>
    public static IResourceBuilder<KeycloakResource> AddKeycloak(
        this IDistributedApplicationBuilder builder,
        string name,
        int? port = null,
        IResourceBuilder<ParameterResource>? adminUsername = null,
        IResourceBuilder<ParameterResource>? adminPassword = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var password = adminPassword?.Resource
            ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password");
        var resource = new KeycloakResource(name, adminUsername?.Resource, password);
        return builder.AddResource(resource)
            .WithEndpoint(KeycloakResource.PrimaryEndpointName, endpoint =>
            {
                endpoint.UriScheme = "http";
                endpoint.Port = port;
            })
            .WithEndpoint(KeycloakResource.ManagementEndpointName, endpoint =>
            {
                endpoint.UriScheme = "http";
                endpoint.TargetHost = "127.0.0.1";
                endpoint.ExcludeReferenceEndpoint = true;
            })
            .WithHttpHealthCheck("/health/ready", endpointName: KeycloakResource.ManagementEndpointName)
            .WithEnvironment(context =>
            {
                context.EnvironmentVariables["KC_BOOTSTRAP_ADMIN_USERNAME"] = resource.AdminReference;
                context.EnvironmentVariables["KC_BOOTSTRAP_ADMIN_PASSWORD"] = resource.AdminPasswordParameter;
                context.EnvironmentVariables["KC_HEALTH_ENABLED"] = "true";
            })
            .WithArgs("start-dev", "--import-realm");
    }

    /// <summary>Keeps the server's data over restarts.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">Aspire's name for the volume; here the data lie in the resource's own folder.</param>
    public static IResourceBuilder<KeycloakResource> WithDataVolume(this IResourceBuilder<KeycloakResource> builder, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new DataVolumeAnnotation(), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Imports realms that do not exist yet.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="import">A realm file, or a folder of them; relative to the host's folder.</param>
    public static IResourceBuilder<KeycloakResource> WithRealmImport(this IResourceBuilder<KeycloakResource> builder, string import)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new RealmImportAnnotation(Path.GetFullPath(import, builder.ApplicationBuilder.AppHostDirectory)));
    }
}
