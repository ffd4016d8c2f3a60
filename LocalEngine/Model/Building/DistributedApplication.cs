using McpAspire.LocalEngine.CommandLine;
using McpAspire.LocalEngine.Running;

namespace Aspire.Hosting;

/// <summary>A described stack, ready to run.</summary>
public class DistributedApplication
{
    private readonly DistributedApplicationBuilder _builder;

    internal DistributedApplication(DistributedApplicationBuilder builder) => _builder = builder;

    /// <summary>Begins the description of a stack.</summary>
    /// <param name="args">The host's command line. What is wrong with it is said when the stack runs.</param>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) =>
        new DistributedApplicationBuilder(HostArguments.Parse(args), DistributedApplicationBuilder.FindAppHostDirectory());

    /// <summary>Runs the stack until it is told to stop, and sets the exit code of this process.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Runs the stack until it is told to stop, and sets the exit code of this process.</summary>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default) =>
        Environment.ExitCode = await LocalHost.RunAsync(_builder, cancellationToken).ConfigureAwait(false);
}
