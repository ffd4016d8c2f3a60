using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds Redis.</summary>
public static class RedisBuilderExtensions
{
    /// <summary>Adds a Redis server. Unless said, its port is any, and its password generated and kept.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // StackExchange.Redis takes no comma in a password; without special characters there is none.
        var parameter = password?.Resource
            ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        return builder.AddResource(new RedisResource(name, parameter))
            .WithEndpoint(RedisResource.PrimaryEndpointName, endpoint =>
            {
                endpoint.UriScheme = "redis";
                endpoint.Port = port;
            });
    }

    /// <summary>Keeps the server's data over restarts.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">Aspire's name for the volume; here the data lie in the resource's own folder.</param>
    /// <param name="isReadOnly">Not supported here.</param>
    public static IResourceBuilder<RedisResource> WithDataVolume(
        this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return isReadOnly
            ? throw new DistributedApplicationException("The local engine has no read-only volumes. Use the aspire engine (HostEngine=aspire).")
            : builder.WithAnnotation(new DataVolumeAnnotation(), ResourceAnnotationMutationBehavior.Replace);
    }
}
