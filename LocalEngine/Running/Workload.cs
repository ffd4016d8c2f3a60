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

    /// <summary>Makes ready what the process needs, and says how to start it. Called before each start.</summary>
    internal abstract ValueTask<ProcessSpec> PrepareAsync(CancellationToken cancellationToken);
}
