using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>What can be said of any resource.</summary>
public static partial class ResourceBuilderExtensions
{
    /// <summary>Changes the arguments of the resource's process.</summary>
    public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, Action<CommandLineArgsCallbackContext> callback)
        where T : IResourceWithArgs
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new CommandLineArgsCallbackAnnotation(callback));
    }

    /// <summary>Adds arguments to the resource's process.</summary>
    public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, params string[] args)
        where T : IResourceWithArgs =>
        builder.WithArgs(context =>
        {
            foreach (var arg in args)
            {
                context.Args.Add(arg);
            }
        });

    /// <summary>Starts the resource only when the other is healthy.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(dependency);
        return ReferenceEquals(builder.Resource, dependency.Resource)
            ? throw new DistributedApplicationException($"The '{builder.Resource.Name}' resource cannot wait for itself.")
            : builder.WithAnnotation(new WaitAnnotation(dependency.Resource));
    }

    /// <summary>Calls the resource healthy when a GET to an endpoint (the first http(s) one if unsaid) gives the status (200 if unsaid).</summary>
    /// <exception cref="DistributedApplicationException">The resource has no such endpoint, or it does not speak HTTP.</exception>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        var endpoint = builder.Resource.GetEndpoints().FirstOrDefault(candidate => endpointName is null
            ? candidate.Scheme is "http" or "https"
            : string.Equals(candidate.EndpointName, endpointName, StringComparison.OrdinalIgnoreCase));
        return endpoint?.Scheme is "http" or "https"
            ? builder.WithAnnotation(new HttpHealthCheckAnnotation(endpoint, path ?? "/", statusCode ?? 200))
            : throw new DistributedApplicationException(
                $"Could not create an HTTP health check for resource '{builder.Resource.Name}': it has no HTTP endpoint{(endpointName is null ? "" : $" named '{endpointName}'")}.");
    }

    /// <summary>Says that the resource's http(s) endpoints are for people and programs outside the stack.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>())
        {
            endpoint.IsExternal |= endpoint.UriScheme is "http" or "https";
        }

        return builder;
    }

    /// <summary>Changes an endpoint; makes it first, if there is none of that name.</summary>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder, string endpointName, Action<EndpointAnnotation> callback, bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(callback);
        var reference = new EndpointReference(builder.Resource, endpointName);
        if (reference.Exists)
        {
            callback(reference.EndpointAnnotation);
        }
        else if (createIfNotExists)
        {
            var endpoint = new EndpointAnnotation(ProtocolType.Tcp, name: endpointName);
            callback(endpoint);
            builder.Resource.Annotations.Add(endpoint);
        }

        return builder;
    }

    /// <summary>Refers to an endpoint, which may be defined later.</summary>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        return new EndpointReference(builder.Resource, name);
    }

    /// <summary>Refers to an endpoint as it is seen from a network. Here it is the same from all.</summary>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name, NetworkIdentifier contextNetworkId)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(contextNetworkId);
        return builder.GetEndpoint(name);
    }

    /// <summary>Says that the resource serves no https, whatever certificate this machine has.</summary>
    [Experimental("ASPIRECERTIFICATES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    public static IResourceBuilder<TResource> WithoutHttpsCertificate<TResource>(this IResourceBuilder<TResource> builder)
        where TResource : IResourceWithEnvironment, IResourceWithArgs
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new WithoutHttpsCertificateAnnotation(), ResourceAnnotationMutationBehavior.Replace);
    }
}
