using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A place where a resource listens.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    /// <summary>Says where a resource listens. The scheme names the endpoint that has no name.</summary>
    public EndpointAnnotation(
        ProtocolType protocol, string? uriScheme = null, string? transport = null, string? name = null, int? port = null, int? targetPort = null)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? (protocol == ProtocolType.Udp ? "udp" : "tcp");
        Transport = transport ?? (UriScheme is "http" or "https" ? "http" : UriScheme);
        Name = name ?? UriScheme;
        Port = port;
        TargetPort = targetPort;
    }

    /// <summary>Its name, unique in the resource.</summary>
    public string Name { get; set; }

    /// <summary>TCP or UDP.</summary>
    public ProtocolType Protocol { get; set; }

    /// <summary>The scheme of its URL.</summary>
    public string UriScheme { get; set; }

    /// <summary>What is spoken there.</summary>
    public string Transport { get; set; }

    /// <summary>The port; null where any will do.</summary>
    public int? Port { get; set; }

    /// <summary>The port inside a container. Processes of one machine have none: they listen on <see cref="Port"/>.</summary>
    public int? TargetPort { get; set; }

    /// <summary>The name or address to listen on.</summary>
    public string TargetHost { get; set; } = "localhost";

    /// <summary>Whether it is for people and programs outside the stack.</summary>
    public bool IsExternal { get; set; }

    /// <summary>Whether references to the resource leave it out.</summary>
    public bool ExcludeReferenceEndpoint { get; set; }

    /// <summary>The port that this run uses; null until the engine chose.</summary>
    internal int? AllocatedPort { get; set; }

    /// <summary>The host by which others reach it.</summary>
    internal string AllocatedHost => IPAddress.TryParse(TargetHost, out var address) && IPAddress.IsLoopback(address) ? TargetHost : "localhost";
}
