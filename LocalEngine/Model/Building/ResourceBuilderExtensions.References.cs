using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>
    /// Hands over the connection string as <c>ConnectionStrings__NAME</c>, and its parts as <c>NAME_HOST</c>, <c>NAME_PORT</c>
    /// and so on.
    /// </summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        var resource = source.Resource;
        connectionName ??= resource.Name;
        return builder.WithEnvironment(context =>
        {
            var variable = resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{connectionName}";
            context.EnvironmentVariables[variable] = optional ? resource.ConnectionStringExpression : new ConnectionStringReference(resource);
            foreach (var (property, value) in resource.GetConnectionProperties())
            {
                context.EnvironmentVariables[$"{Encode(connectionName)}_{property}".ToUpperInvariant()] = value;
            }
        });
    }

    /// <summary>
    /// Hands over the URLs of a resource: <c>services__NAME__SCHEME__N</c>, as .NET's service discovery reads them, and
    /// <c>NAME_ENDPOINT</c>.
    /// </summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        var resource = source.Resource;
        return builder.WithEnvironment(context =>
        {
            foreach (var endpoint in resource.GetEndpoints().Where(endpoint => !endpoint.EndpointAnnotation.ExcludeReferenceEndpoint))
            {
                context.EnvironmentVariables[$"{Encode(resource.Name)}_{Encode(endpoint.EndpointName)}".ToUpperInvariant()] = endpoint;
                context.EnvironmentVariables[DiscoveryKey(context, resource, endpoint)] = endpoint;
            }
        });
    }

    /// <summary>Endpoints named http or https go by their scheme, which a certificate may have changed; others by their name.</summary>
    private static string DiscoveryKey(EnvironmentCallbackContext context, IResource resource, EndpointReference endpoint)
    {
        var key = endpoint.EndpointName is "http" or "https" ? endpoint.Scheme : endpoint.EndpointName;
        var index = 0;
        while (context.EnvironmentVariables.ContainsKey($"services__{resource.Name}__{key}__{index}"))
        {
            index++;
        }

        return $"services__{resource.Name}__{key}__{index}";
    }

    /// <summary>What a shell takes for the name of a variable.</summary>
    private static string Encode(string name)
    {
        var encoded = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return encoded.Length > 0 && char.IsAsciiDigit(encoded[0]) ? $"_{encoded}" : encoded;
    }
}
