using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.Certificates;
using McpAspire.LocalEngine.CommandLine;
using McpAspire.LocalEngine.Keycloak;
using McpAspire.LocalEngine.Ports;
using McpAspire.LocalEngine.Processes;

namespace McpAspire.LocalEngine.Running;

/// <summary>Runs a description from its command line to its exit code.</summary>
internal static class LocalHost
{
    private const int Failed = 1;
    private const int Misused = 2;

    internal static async Task<int> RunAsync(DistributedApplicationBuilder builder, CancellationToken cancellationToken)
    {
        var arguments = builder.Arguments;
        var console = HostConsole.Create(arguments.NoColor);
        if (arguments.Error is { } error)
        {
            console.Error(error);
            console.Say($"{Environment.NewLine}{HelpText.Text}");
            return Misused;
        }

        if (arguments.Help)
        {
            console.Say(HelpText.Text);
            return 0;
        }

        try
        {
            return await RunStackAsync(builder, console, cancellationToken).ConfigureAwait(false);
        }
        catch (DistributedApplicationException e)
        {
            console.Error(e.Message);
            return Failed;
        }
    }

    private static async Task<int> RunStackAsync(DistributedApplicationBuilder builder, HostConsole console, CancellationToken cancellationToken)
    {
        using var signals = new StopSignals(cancellationToken);
        var profile = builder.Configuration["DOTNET_LAUNCH_PROFILE"] ?? "http";
        using var held = builder.DataFolder.Open(profile, builder.Arguments.Reset);
        console.Say($"Data: {builder.DataFolder.Path}");
        if (builder.DataFolder.MadeUnder is var other && other != profile)
        {
            console.Note(
                $"These data were made under the profile '{other}'; this is '{profile}'. All URLs, and with them all identities, differ: " +
                "sign in again; what was granted under the other profile is not seen here. --reset makes a clean start.");
        }

        if (PortAllocation.FindMistake(builder.Configuration, [.. builder.Resources]) is { } mistake)
        {
            console.Note(mistake);
        }

        KeycloakHttps.Apply(builder.Resources);
        PortAllocation.Allocate(builder.Resources);
        var certificate = DeveloperCertificate.ForResources(builder.Resources);
        using var probeClient = HttpProbe.CreateClient(certificate?.Certificate);
        var context = new StackContext(
            builder.ExecutionContext, builder.Configuration, builder.DataFolder, probeClient, console, certificate);
        using var launcher = ProcessLauncher.Create();
        using var services = HostServices.Create(console, certificate?.Certificate);
        var runners = Compose(builder.Resources, context, launcher, services);
        console.Introduce(runners.Select(runner => runner.Name));
        await context.Missing.FindAsync(runners.Select(runner => runner.Workload), signals.Stop).ConfigureAwait(false);
        return await new LocalStack(runners, console, TimeProvider.System).RunAsync(signals).ConfigureAwait(false);
    }

    private static List<ResourceRunner> Compose(
        IEnumerable<IResource> resources, StackContext context, ProcessLauncher launcher, IServiceProvider services)
    {
        var runners = resources.Select(context.WorkloadOf).OfType<Workload>()
            .Select(workload => new ResourceRunner(workload, launcher, context.Console, TimeProvider.System, services))
            .ToList();
        foreach (var runner in runners)
        {
            var awaited = runner.Workload.Resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource).ToHashSet();
            runner.Dependencies = [.. runners.Where(other => awaited.Contains(other.Workload.Resource))];
        }

        // Says so now if some wait for each other, instead of waiting for ever.
        StopOrder.Waves(runners);
        return runners;
    }
}
