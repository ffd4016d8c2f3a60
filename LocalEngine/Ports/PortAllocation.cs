using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace McpAspire.LocalEngine.Ports;

/// <summary>Gives every endpoint its port: the one that the description fixes, else a free one.</summary>
internal static class PortAllocation
{
    /// <exception cref="DistributedApplicationException">A fixed port is taken. The message names each, and who has it.</exception>
    internal static void Allocate(IEnumerable<IResource> resources)
    {
        var endpoints = resources
            .SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => (resource.Name, Endpoint: endpoint)))
            .ToList();
        var problems = endpoints.Select(found => Claim(found.Name, found.Endpoint, endpoints)).OfType<string>().Distinct().ToList();
        if (problems.Count > 0)
        {
            throw new DistributedApplicationException(string.Join(Environment.NewLine, problems));
        }

        // All are held until all are found, so that none is given twice.
        var held = new List<TcpListener>();
        foreach (var (_, endpoint) in endpoints.Where(found => found.Endpoint.Port is null or 0))
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            held.Add(listener);
            endpoint.AllocatedPort = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        held.ForEach(listener => listener.Dispose());
    }

    /// <summary>What the settings say about ports of nobody: a typing mistake, most likely. Null where nothing is wrong.</summary>
    internal static string? FindMistake(IConfiguration configuration, IReadOnlyCollection<IResource> resources)
    {
        var unknown = configuration.GetSection("Ports").GetChildren()
            .Select(setting => setting.Key)
            .Where(key => !resources.Any(resource => string.Equals(resource.Name, key, StringComparison.OrdinalIgnoreCase)))
            .ToList();
        return unknown.Count == 0 ? null
            : $"No resource is named {string.Join(" or ", unknown.Select(key => $"'{key}'"))}, so its port setting does nothing. " +
              $"There are: {string.Join(", ", resources.Where(resource => resource.Annotations.OfType<EndpointAnnotation>().Any()).Select(resource => resource.Name))}.";
    }

    private static string? Claim(string resource, EndpointAnnotation endpoint, List<(string Name, EndpointAnnotation Endpoint)> all)
    {
        if (endpoint.Port is not ({ } port and not 0))
        {
            return null;
        }

        endpoint.AllocatedPort = port;
        var other = all.Find(found => found.Endpoint != endpoint && found.Endpoint.Port == port).Name;
        if (other is not null)
        {
            return $"{resource} and {other} both want port {port}. Choose another: --Ports:{resource}=N";
        }

        return IsFree(port)
            ? null
            : $"Port {port} of {resource} is taken{PortHolder.Describe(port)}. End that, or choose another: --Ports:{resource}=N " +
              $"(or the environment variable Ports__{resource}).";
    }

    /// <summary>Servers listen on both loopback addresses; a machine may lack IPv6.</summary>
    private static bool IsFree(int port) =>
        CanListen(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanListen(IPAddress.IPv6Loopback, port));

    private static bool CanListen(IPAddress address, int port)
    {
        using var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.AddressNotAvailable;
        }
    }
}
