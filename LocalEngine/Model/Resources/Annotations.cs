namespace Aspire.Hosting.ApplicationModel;

/// <summary>How a new annotation treats older ones of its type.</summary>
public enum ResourceAnnotationMutationBehavior
{
    /// <summary>Both stay.</summary>
    Append,

    /// <summary>The new one stays.</summary>
    Replace,
}

internal sealed record EnvironmentCallbackAnnotation(Action<EnvironmentCallbackContext> Callback) : IResourceAnnotation;

internal sealed record CommandLineArgsCallbackAnnotation(Action<CommandLineArgsCallbackContext> Callback) : IResourceAnnotation;

internal sealed record WaitAnnotation(IResource Resource) : IResourceAnnotation;

internal sealed record HttpHealthCheckAnnotation(EndpointReference Endpoint, string Path, int StatusCode) : IResourceAnnotation;

/// <summary>The resource's data outlives a run.</summary>
internal sealed record DataVolumeAnnotation : IResourceAnnotation;

/// <summary>The resource serves no https, whatever certificate there is.</summary>
internal sealed record WithoutHttpsCertificateAnnotation : IResourceAnnotation;

internal sealed record ResourceReadyAnnotation(Func<ResourceReadyEvent, CancellationToken, Task> Callback) : IResourceAnnotation;

internal sealed record RealmImportAnnotation(string Path) : IResourceAnnotation;
