using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.Processes;

namespace McpAspire.LocalEngine.Running;

/// <summary>How one kind of resource becomes a process.</summary>
internal abstract class Workload(IResource resource)
{
    internal string Name => Resource.Name;

    internal IResource Resource => resource;

    /// <summary>What tells whether it is well. All of them must agree; with none it is well once it runs.</summary>
    internal abstract IReadOnlyList<IHealthProbe> Probes { get; }

    /// <summary>Where people find it; null where they do not.</summary>
    internal virtual string? Url => null;

    /// <summary>Whether it is for people.</summary>
    internal virtual bool IsFrontDoor => false;

    /// <summary>What people call it.</summary>
    internal virtual string DisplayName => Name;

    /// <summary>Why this machine cannot run it at all; null where it can.</summary>
    internal virtual ValueTask<string?> FindObstacleAsync(CancellationToken cancellationToken) => new((string?)null);

    /// <summary>Does what the description wants done each time that it was started and became healthy.</summary>
    /// <exception cref="DistributedApplicationException">That failed.</exception>
    internal async Task ReadyAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var @event = new ResourceReadyEvent(Resource, services);
        foreach (var annotation in Resource.Annotations.OfType<ResourceReadyAnnotation>())
        {
            try
            {
                await annotation.Callback(@event, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                throw new DistributedApplicationException($"what was to be done when it is ready failed: {e.Message}", e);
            }
        }
    }

    /// <summary>Makes ready what the process needs, and says how to start it. Called before each start.</summary>
    internal abstract ValueTask<ProcessSpec> PrepareAsync(CancellationToken cancellationToken);
}
