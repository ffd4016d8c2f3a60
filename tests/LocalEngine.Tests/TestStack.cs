using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.CommandLine;
using McpAspire.LocalEngine.Ports;
using McpAspire.LocalEngine.Running;

namespace McpAspire.LocalEngine.Tests;

/// <summary>Describes stacks without running them.</summary>
internal static class TestStack
{
    internal static DistributedApplicationBuilder Builder(params string[] arguments) =>
        new(HostArguments.Parse(arguments), AppContext.BaseDirectory);

    /// <summary>A project in a folder of its own, with these launch settings.</summary>
    internal static IProjectMetadata Project(string folder, string? launchSettings)
    {
        if (launchSettings is not null)
        {
            Directory.CreateDirectory(Path.Combine(folder, "Properties"));
            File.WriteAllText(Path.Combine(folder, "Properties", "launchSettings.json"), launchSettings);
        }

        return new Metadata(Path.Combine(folder, "Service.csproj"));
    }

    /// <summary>What the process would get, ports and all.</summary>
    internal static async Task<Dictionary<string, string>> EnvironmentAsync(DistributedApplicationBuilder builder, IResource resource)
    {
        PortAllocation.Allocate(builder.Resources);
        return await ResourceValues.EnvironmentAsync(resource, builder.ExecutionContext, new MissingResources(), TestContext.Current.CancellationToken);
    }

    private sealed record Metadata(string ProjectPath) : IProjectMetadata;
}
