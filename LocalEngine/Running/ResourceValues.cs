using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace McpAspire.LocalEngine.Running;

/// <summary>Works out what the description says about a process's environment and arguments.</summary>
internal static class ResourceValues
{
    internal static async ValueTask<Dictionary<string, string>> EnvironmentAsync(
        IResource resource, DistributedApplicationExecutionContext executionContext, MissingResources missing, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(executionContext, resource);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            annotation.Callback(context);
        }

        var environment = new Dictionary<string, string>();
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            if (!missing.Concern(value) && await ResolveAsync(value, cancellationToken).ConfigureAwait(false) is { } text)
            {
                environment[name] = text;
            }
        }

        return environment;
    }

    internal static async ValueTask<List<string>> ArgumentsAsync(
        IResource resource, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        var context = new CommandLineArgsCallbackContext([], resource) { ExecutionContext = executionContext };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            annotation.Callback(context);
        }

        var arguments = new List<string>();
        foreach (var value in context.Args)
        {
            if (await ResolveAsync(value, cancellationToken).ConfigureAwait(false) is { } text)
            {
                arguments.Add(text);
            }
        }

        return arguments;
    }

    private static async ValueTask<string?> ResolveAsync(object value, CancellationToken cancellationToken) => value switch
    {
        IValueProvider provider => await provider.GetValueAsync(cancellationToken).ConfigureAwait(false),
        _ => value.ToString(),
    };
}
