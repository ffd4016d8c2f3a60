using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.Processes;

namespace McpAspire.LocalEngine.Running;

/// <summary>Runs a project's built assembly, in the project's folder as <c>dotnet run</c> does.</summary>
internal sealed class ProjectWorkload(ProjectResource resource, StackContext context) : Workload(resource)
{
    internal override string? Url => resource.GetEndpoints().FirstOrDefault(endpoint => endpoint.Scheme is "http" or "https")?.Url;

    internal override bool IsFrontDoor => resource.Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.IsExternal);

    internal override string DisplayName => Path.GetFileNameWithoutExtension(Project.ProjectPath);

    private IProjectMetadata Project => resource.Annotations.OfType<IProjectMetadata>().Single();

    internal override IReadOnlyList<IHealthProbe> Probes { get; } = context.ProbesOf(resource);

    internal override async ValueTask<ProcessSpec> PrepareAsync(CancellationToken cancellationToken)
    {
        var assembly = (Project as IBuiltProject)?.AssemblyPath;
        if (!File.Exists(assembly))
        {
            throw new DistributedApplicationException($"{Project.ProjectPath} is not built. Build the host with all its projects: dotnet build AppHost");
        }

        var environment = await ResourceValues.EnvironmentAsync(resource, context.ExecutionContext, context.Missing, cancellationToken).ConfigureAwait(false);
        context.AddSharedVariables(environment);
        var arguments = await ResourceValues.ArgumentsAsync(resource, context.ExecutionContext, cancellationToken).ConfigureAwait(false);
        return new ProcessSpec(
            DotnetHost.Path, ["exec", assembly, .. arguments], Path.GetDirectoryName(Project.ProjectPath)!, environment);
    }
}
