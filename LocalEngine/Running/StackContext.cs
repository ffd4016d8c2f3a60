using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.Certificates;
using McpAspire.LocalEngine.Data;
using Microsoft.Extensions.Configuration;

namespace McpAspire.LocalEngine.Running;

/// <summary>What the workloads of a stack share.</summary>
internal sealed record StackContext(
    DistributedApplicationExecutionContext ExecutionContext,
    IConfiguration Configuration,
    DataFolder DataFolder,
    HttpClient ProbeClient,
    HostConsole Console,
    DeveloperCertificate? Certificate)
{
    /// <summary>What this machine cannot run.</summary>
    internal MissingResources Missing { get; } = new();

    /// <summary>The health checks of the description.</summary>
    internal IReadOnlyList<IHealthProbe> ProbesOf(IResource resource) =>
    [
        .. resource.Annotations.OfType<HttpHealthCheckAnnotation>().Select(check =>
            new HttpProbe(ProbeClient, () => new Uri(new Uri(check.Endpoint.Url), check.Path), check.StatusCode)),
    ];

    /// <summary>Variables that every project gets for the machine's sake, where the description says nothing else.</summary>
    internal void AddSharedVariables(Dictionary<string, string> environment)
    {
        if (Console.HasColors)
        {
            environment.TryAdd("DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION", "true");
        }

        if (Certificate?.TrustFolders is { } folders)
        {
            environment.TryAdd("SSL_CERT_DIR", folders);
        }
    }

    /// <summary>A workload for a resource; null for what is no process.</summary>
    internal Workload? WorkloadOf(IResource resource) => resource switch
    {
        ProjectResource project => new ProjectWorkload(project, this),
        RedisResource redis => new Redis.RedisWorkload(redis, this),
        KeycloakResource keycloak => new Keycloak.KeycloakWorkload(keycloak, this),
        _ => null,
    };
}
