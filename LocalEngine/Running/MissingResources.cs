using Aspire.Hosting.ApplicationModel;

namespace McpAspire.LocalEngine.Running;

/// <summary>
/// The resources that this machine cannot run. What others would be told about them is left out, so that a service sees them
/// as not configured instead of as broken.
/// </summary>
internal sealed class MissingResources
{
    private readonly HashSet<IResource> _resources = [];

    /// <summary>Asks every workload what stands in its way.</summary>
    internal async Task FindAsync(IEnumerable<Workload> workloads, CancellationToken cancellationToken)
    {
        foreach (var workload in workloads)
        {
            if (await workload.FindObstacleAsync(cancellationToken).ConfigureAwait(false) is not null)
            {
                _resources.Add(workload.Resource);
            }
        }
    }

    /// <summary>Whether a value is made of something that such a resource would have.</summary>
    internal bool Concern(object value) => value switch
    {
        // Goes no further: its own values lead back to it.
        IResource resource => _resources.Contains(resource),
        IValueWithReferences composed => composed.References.Any(Concern),
        _ => false,
    };
}
