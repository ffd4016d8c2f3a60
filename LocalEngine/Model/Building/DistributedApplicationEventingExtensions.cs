using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Reacts to what happens to resources.</summary>
public static class DistributedApplicationEventingExtensions
{
    /// <summary>
    /// Does something each time the resource was started and became healthy. Those that wait for it wait for this too.
    /// </summary>
    public static IResourceBuilder<T> OnResourceReady<T>(
        this IResourceBuilder<T> builder, Func<T, ResourceReadyEvent, CancellationToken, Task> callback)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(callback);
        return builder.WithAnnotation(new ResourceReadyAnnotation((@event, stop) => callback(builder.Resource, @event, stop)));
    }
}
