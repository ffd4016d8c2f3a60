using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace McpAspire.LocalEngine.Fixture;

/// <summary>This assembly, as a service of the stack.</summary>
internal sealed class FixtureProject : IProjectMetadata, IBuiltProject
{
    public string ProjectPath => Path.Combine(AppContext.BaseDirectory, "Fixture.csproj");

    public string AssemblyPath => typeof(FixtureProject).Assembly.Location;
}

internal static class FixtureProjectExtensions
{
    internal static IResourceBuilder<ProjectResource> WithFixture(this IResourceBuilder<ProjectResource> project)
    {
        var configuration = project.ApplicationBuilder.Configuration;
        var behaviours = (configuration[$"Fixture:{project.Resource.Name}"] ?? "").Split('+', StringSplitOptions.RemoveEmptyEntries);
        return project
            .WithEndpoint("http", endpoint =>
            {
                endpoint.UriScheme = "http";
                endpoint.Port = configuration.GetValue<int?>($"Ports:{project.Resource.Name}");
            })
            .WithArgs(["service", .. behaviours])
            .WithHttpHealthCheck("/health");
    }
}
