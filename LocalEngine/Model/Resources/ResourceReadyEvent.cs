namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource is healthy for the first time since it was started.</summary>
/// <param name="resource">The resource.</param>
/// <param name="services">
/// What the host offers: a <see cref="ResourceLoggerService"/>, and an <see cref="IHttpClientFactory"/> whose clients trust what
/// the stack is served with.
/// </param>
public class ResourceReadyEvent(IResource resource, IServiceProvider services)
{
    /// <summary>The resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>What the host offers.</summary>
    public IServiceProvider Services { get; } = services;
}
