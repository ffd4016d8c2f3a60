using McpAspire.LocalEngine.Running;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Writes among a resource's own output.</summary>
public class ResourceLoggerService
{
    private readonly HostConsole _console;

    internal ResourceLoggerService(HostConsole console) => _console = console;

    /// <summary>The log of a resource.</summary>
    public ILogger GetLogger(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return new ResourceLogger(_console, resource.Name);
    }
}
