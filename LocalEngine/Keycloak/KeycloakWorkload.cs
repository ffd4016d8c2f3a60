using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.Processes;
using McpAspire.LocalEngine.Running;

namespace McpAspire.LocalEngine.Keycloak;

/// <summary>Runs a Keycloak distribution of this machine from a copy of its own, so that the distribution stays as it is.</summary>
internal sealed class KeycloakWorkload : Workload
{
    private readonly KeycloakResource _resource;
    private readonly StackContext _context;
    private readonly EndpointReference _endpoint;
    private readonly EndpointReference _management;
    private readonly IReadOnlyList<RealmFile> _realms;

    internal KeycloakWorkload(KeycloakResource resource, StackContext context) : base(resource)
    {
        _resource = resource;
        _context = context;
        _endpoint = new EndpointReference(resource, KeycloakResource.PrimaryEndpointName);
        _management = new EndpointReference(resource, KeycloakResource.ManagementEndpointName);
        _realms = [.. resource.Annotations.OfType<RealmImportAnnotation>().SelectMany(import => RealmFile.In(import.Path))];
        Probes = context.ProbesOf(resource);
    }

    internal override IReadOnlyList<IHealthProbe> Probes { get; }

    internal override string? Url => _endpoint.Url;

    internal override async ValueTask<string?> FindObstacleAsync(CancellationToken cancellationToken) =>
        KeycloakDistribution.Find() is null
            ? "no Keycloak on this machine. Unpack one and set KEYCLOAK_HOME to its folder, or run the containers of the aspire engine (HostEngine=aspire)"
            : await Java.FindObstacleAsync(cancellationToken).ConfigureAwait(false);

    internal override async ValueTask<ProcessSpec> PrepareAsync(CancellationToken cancellationToken)
    {
        var folder = _context.DataFolder.For(Name);
        var home = KeycloakHome.Prepare(KeycloakDistribution.Find()!, folder, _resource.Annotations.OfType<DataVolumeAnnotation>().Any());
        RealmFile.CopyTo(_realms, Path.Combine(home, "data", "import"));
        var arguments = await ResourceValues.ArgumentsAsync(_resource, _context.ExecutionContext, cancellationToken).ConfigureAwait(false);
        var environment = await ResourceValues.EnvironmentAsync(_resource, _context.ExecutionContext, _context.Missing, cancellationToken).ConfigureAwait(false);
        arguments.AddRange(
        [
            "--http-host", "127.0.0.1",
            "--http-management-host", "127.0.0.1",
            "--http-management-port", $"{_management.Port}",
            "--http-management-scheme", "http",
        ]);
        arguments.AddRange(_endpoint.Scheme == "https" ? HttpsArguments(folder) : ["--http-port", $"{_endpoint.Port}"]);
        return new ProcessSpec(KeycloakHome.Script(home), arguments, home, environment);
    }

    private IEnumerable<string> HttpsArguments(string folder)
    {
        // There is one: an https endpoint without a certificate stops the host before anything starts.
        var (certificate, key) = _context.Certificate!.Export(folder);
        return
        [
            // Its development mode listens on http whatever it is told: on a port, then, that nobody knows.
            "--http-port", "0",
            "--https-port", $"{_endpoint.Port}",
            "--https-certificate-file", certificate,
            "--https-certificate-key-file", key,
            // It fetches keys from our services, and posts logouts to them.
            "--truststore-paths", certificate,
        ];
    }
}
