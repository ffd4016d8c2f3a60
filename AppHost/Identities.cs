namespace McpAspire.AppHost;

/// <summary>Who each service is, and whose URLs it trusts.</summary>
internal static class Identities
{
    /// <summary>
    /// The URL under which everybody knows the service: the setting <c>PublicUrls:NAME</c>, else its endpoint on this
    /// machine. A deployment asks for it as a parameter, since only its operator knows the public name.
    /// </summary>
    internal static ReferenceExpression PublicUrl(this IResourceBuilder<ProjectResource> service) =>
        service.PublicUrl(service.ApplicationBuilder.Scheme());

    /// <summary>The same of Keycloak, whose endpoint has one name under both schemes.</summary>
    internal static ReferenceExpression PublicUrl(this IResourceBuilder<KeycloakResource> keycloak) => keycloak.PublicUrl("http");

    /// <summary>
    /// Lets a service fetch from others of this stack although they live on this machine, which its outbound guard
    /// would refuse. A deployment's services are reached by their public https URLs and need no exception.
    /// </summary>
    internal static IResourceBuilder<ProjectResource> WithTrustedHosts(
        this IResourceBuilder<ProjectResource> service, params IResourceBuilder<ProjectResource>[] others)
    {
        var builder = service.ApplicationBuilder;
        if (builder.ExecutionContext.IsPublishMode)
        {
            return service;
        }

        for (var index = 0; index < others.Length; index++)
        {
            service.WithEnvironment($"Outbound__TrustedHosts__{index}", builder.Authority(others[index]));
        }

        return service;
    }

    private static ReferenceExpression PublicUrl<T>(this IResourceBuilder<T> resource, string endpointName)
        where T : IResourceWithEndpoints
    {
        var builder = resource.ApplicationBuilder;
        return (builder.ConfiguredUrl(resource.Resource), builder.ExecutionContext.IsPublishMode) switch
        {
            ({ } configured, true) => ReferenceExpression.Create($"{configured}"),
            ({ } configured, false) => ReferenceExpression.Create($"{new ConfiguredUrl(configured, resource.Resource)}"),
            (null, true) => ReferenceExpression.Create($"{builder.AddParameter($"{resource.Resource.Name}-public-url")}"),

            // As the machine sees it, even where a container asks: the public URL is one for all.
            (null, false) => ReferenceExpression.Create($"{resource.GetEndpoint(endpointName, KnownNetworkIdentifiers.LocalhostNetwork)}"),
        };
    }

    private static ReferenceExpression Authority(this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> service) =>
        builder.ConfiguredUrl(service.Resource) is { } configured
            ? ReferenceExpression.Create($"{new Uri(configured).Authority}")
            : ReferenceExpression.Create($"{service.GetEndpoint(builder.Scheme()).Property(EndpointProperty.HostAndPort)}");

    private static string? ConfiguredUrl(this IDistributedApplicationBuilder builder, IResource resource) =>
        builder.Configuration[$"PublicUrls:{resource.Name}"] is { Length: > 0 } url ? url : null;
}
