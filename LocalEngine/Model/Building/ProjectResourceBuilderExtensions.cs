using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Http;

namespace Aspire.Hosting;

/// <summary>Adds projects.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>
    /// Adds a project with the endpoints and variables of its launch profile: the one of the same name as the host's, else
    /// its first.
    /// </summary>
    /// <typeparam name="TProject">The type that the build wrote for the project.</typeparam>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddProject(name, new TProject());
    }

    /// <summary>
    /// Says that a published project takes no forwarded headers. A project that runs here is told of none in any case.
    /// </summary>
    public static IResourceBuilder<ProjectResource> DisableForwardedHeaders(this IResourceBuilder<ProjectResource> builder) => builder;

    internal static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, string name, IProjectMetadata metadata)
    {
        var selected = LaunchProfile.Select(
            metadata.ProjectPath, builder.Configuration["AppHost:DefaultLaunchProfileName"] ?? builder.Configuration["DOTNET_LAUNCH_PROFILE"]);
        var project = builder.AddResource(new ProjectResource(name))
            .WithAnnotation(metadata)
            .WithEnvironment("OTEL_SERVICE_NAME", name)
            .WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory")
            .WithEnvironment("LOGGING__CONSOLE__FORMATTERNAME", "simple")
            .WithEnvironment(SetUrls);
        return selected is { } profile ? project.WithLaunchProfile(profile.Name, profile.Profile) : project;
    }

    private static IResourceBuilder<ProjectResource> WithLaunchProfile(
        this IResourceBuilder<ProjectResource> project, string name, LaunchProfile profile)
    {
        foreach (var url in (profile.ApplicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var address = BindingAddress.Parse(url);
            var same = project.Resource.GetEndpoints().Count(endpoint => endpoint.Scheme == address.Scheme);
            project.WithEndpoint(same == 0 ? address.Scheme : $"{address.Scheme}{same + 1}", endpoint =>
            {
                endpoint.UriScheme = address.Scheme;
                endpoint.Port = address.Port;
                endpoint.TargetHost = address.Host;
            });
        }

        return project.WithEnvironment(context =>
        {
            context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", name);
            foreach (var (variable, value) in profile.EnvironmentVariables ?? [])
            {
                context.EnvironmentVariables.TryAdd(variable, Environment.ExpandEnvironmentVariables(value));
            }
        });
    }

    private static void SetUrls(EnvironmentCallbackContext context)
    {
        var endpoints = ((ProjectResource)context.Resource).GetEndpoints().Where(endpoint => endpoint.Scheme is "http" or "https").ToList();
        if (endpoints.Count == 0)
        {
            return;
        }

        context.EnvironmentVariables.TryAdd(
            "ASPNETCORE_URLS",
            string.Join(';', endpoints.Select(endpoint => $"{endpoint.Scheme}://{endpoint.EndpointAnnotation.TargetHost}:{endpoint.Port}")));
        if (endpoints.Find(endpoint => endpoint.Scheme == "https") is { } https)
        {
            context.EnvironmentVariables["ASPNETCORE_HTTPS_PORT"] = https.Property(EndpointProperty.Port);
        }
    }
}
