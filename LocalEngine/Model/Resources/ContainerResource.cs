namespace Aspire.Hosting.ApplicationModel;

/// <summary>What Aspire runs as a container. This engine runs an equal server as a process.</summary>
public class ContainerResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport;
