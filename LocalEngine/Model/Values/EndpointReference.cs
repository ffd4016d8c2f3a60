using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An endpoint of a resource, whose URL is known when the stack runs.</summary>
public sealed class EndpointReference : IExpressionValue, IValueWithReferences
{
    /// <summary>Refers to the endpoint of that name, which may be defined later.</summary>
    public EndpointReference(IResourceWithEndpoints owner, string endpointName)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(endpointName);
        Resource = owner;
        EndpointName = endpointName;
    }

    /// <summary>Refers to an endpoint.</summary>
    public EndpointReference(IResourceWithEndpoints owner, EndpointAnnotation endpoint)
        : this(owner, (endpoint ?? throw new ArgumentNullException(nameof(endpoint))).Name)
    {
    }

    /// <summary>The resource that listens.</summary>
    public IResourceWithEndpoints Resource { get; }

    /// <summary>The endpoint's name.</summary>
    public string EndpointName { get; }

    /// <summary>Whether the resource has such an endpoint.</summary>
    public bool Exists => Find() is not null;

    /// <summary>The endpoint.</summary>
    /// <exception cref="InvalidOperationException">The resource has no such endpoint.</exception>
    public EndpointAnnotation EndpointAnnotation => Find() ?? throw new InvalidOperationException(
        $"The endpoint `{EndpointName}` is not defined for the resource `{Resource.Name}`; it has: " +
        $"{string.Join(", ", Resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => endpoint.Name))}.");

    /// <summary>The scheme of its URL.</summary>
    public string Scheme => EndpointAnnotation.UriScheme;

    /// <summary>The host of its URL.</summary>
    public string Host => EndpointAnnotation.AllocatedHost;

    /// <summary>The port of its URL.</summary>
    /// <exception cref="InvalidOperationException">The engine has not chosen it yet.</exception>
    public int Port => EndpointAnnotation.AllocatedPort ?? throw new InvalidOperationException(
        $"The endpoint `{EndpointName}` of the resource `{Resource.Name}` has no port before the stack runs.");

    /// <summary>Its URL.</summary>
    public string Url => $"{Scheme}://{Host}:{Port.ToString(CultureInfo.InvariantCulture)}";

    string IManifestExpressionProvider.ValueExpression => Expression(EndpointProperty.Url);

    IEnumerable<object> IValueWithReferences.References => [Resource];

    /// <summary>One property of the endpoint.</summary>
    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Url);

    internal string Expression(EndpointProperty property) => property switch
    {
        EndpointProperty.HostAndPort => $"{Binding("host")}:{Binding("port")}",
        EndpointProperty.IPV4Host => Binding("host"),
        EndpointProperty.TargetPort => Binding("targetPort"),
        _ => Binding(property.ToString().ToLowerInvariant()),
    };

    private string Binding(string property) => $"{{{Resource.Name}.bindings.{EndpointName}.{property}}}";

    private EndpointAnnotation? Find() => Resource.Annotations.OfType<EndpointAnnotation>()
        .SingleOrDefault(endpoint => string.Equals(endpoint.Name, EndpointName, StringComparison.OrdinalIgnoreCase));
}

/// <summary>One property of an endpoint, known when the stack runs.</summary>
public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IExpressionValue, IValueWithReferences
{
    /// <summary>The endpoint.</summary>
    public EndpointReference Endpoint { get; } = endpointReference;

    /// <summary>The property.</summary>
    public EndpointProperty Property { get; } = property;

    /// <inheritdoc/>
    public string ValueExpression => Endpoint.Expression(Property);

    IEnumerable<object> IValueWithReferences.References => [Endpoint];

    /// <inheritdoc/>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Property switch
    {
        EndpointProperty.Url => Endpoint.Url,
        EndpointProperty.Host => Endpoint.Host,
        EndpointProperty.IPV4Host => "127.0.0.1",
        EndpointProperty.Scheme => Endpoint.Scheme,
        EndpointProperty.HostAndPort => $"{Endpoint.Host}:{Endpoint.Port.ToString(CultureInfo.InvariantCulture)}",
        _ => Endpoint.Port.ToString(CultureInfo.InvariantCulture),
    });
}

/// <summary>What can be asked of an endpoint.</summary>
public enum EndpointProperty
{
    /// <summary>Scheme, host and port.</summary>
    Url,

    /// <summary>Host name or address.</summary>
    Host,

    /// <summary>The IPv4 loopback address.</summary>
    IPV4Host,

    /// <summary>The port to connect to.</summary>
    Port,

    /// <summary>The scheme.</summary>
    Scheme,

    /// <summary>The port to listen on; the same as <see cref="Port"/>, since no proxy stands before the process.</summary>
    TargetPort,

    /// <summary>Host and port with a colon between.</summary>
    HostAndPort,
}
