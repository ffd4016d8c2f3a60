using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.CommandLine;
using McpAspire.LocalEngine.Data;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    internal DistributedApplicationBuilder(HostArguments arguments, string appHostDirectory)
    {
        Arguments = arguments;
        AppHostDirectory = appHostDirectory;
        var environment = Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? "Production";
        Configuration
            .AddJsonFile(Path.Combine(appHostDirectory, "appsettings.json"), optional: true)
            .AddJsonFile(Path.Combine(appHostDirectory, $"appsettings.{environment}.json"), optional: true)
            .AddEnvironmentVariables()
            .AddInMemoryCollection(arguments.Settings);
        DataFolder = new DataFolder(Configuration[DataFolder.Setting] ?? DataFolder.Default);
        Configuration[DataFolder.Setting] = DataFolder.Path;
        Secrets = new SecretStore(DataFolder);
    }

    public ConfigurationManager Configuration { get; } = new();

    public string AppHostDirectory { get; }

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new(DistributedApplicationOperation.Run);

    public IResourceCollection Resources { get; } = new ResourceCollection();

    internal HostArguments Arguments { get; }

    internal DataFolder DataFolder { get; }

    internal SecretStore Secrets { get; }

    /// <summary>The folder that the build wrote down, as Aspire's does; else where the host was started.</summary>
    internal static string FindAppHostDirectory() =>
        Assembly.GetEntryAssembly()?.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(metadata => metadata.Key == "apphostprojectpath")?.Value
        ?? Directory.GetCurrentDirectory();

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        if (Resources.Any(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException($"There are two resources named '{resource.Name}'. Names are unique in a stack.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build() => new(this);
}
