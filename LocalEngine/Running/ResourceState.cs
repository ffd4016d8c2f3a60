namespace McpAspire.LocalEngine.Running;

/// <summary>How a resource is.</summary>
internal enum ResourceState
{
    Waiting,
    Starting,
    Healthy,
    Unhealthy,
    Restarting,
    GivenUp,
    NotAvailable,
    Stopped,
}
