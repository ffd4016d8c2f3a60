namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a callback for environment variables sees.</summary>
public class EnvironmentCallbackContext(
    DistributedApplicationExecutionContext executionContext, IResource resource, Dictionary<string, object>? environmentVariables = null)
{
    /// <summary>The variables: strings, or values that are known when the stack runs.</summary>
    public Dictionary<string, object> EnvironmentVariables { get; } = environmentVariables ?? [];

    /// <summary>Whether the stack runs or is published.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    /// <summary>Whose variables they are.</summary>
    public IResource Resource { get; } = resource;
}

/// <summary>What a callback for command-line arguments sees.</summary>
public sealed class CommandLineArgsCallbackContext(IList<object> args, IResource resource)
{
    /// <summary>The arguments: strings, or values that are known when the stack runs.</summary>
    public IList<object> Args { get; } = args;

    /// <summary>Whether the stack runs or is published.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; init; } = new(DistributedApplicationOperation.Run);

    /// <summary>Whose arguments they are.</summary>
    public IResource Resource { get; } = resource;
}
