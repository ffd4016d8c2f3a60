using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace McpAspire.McpServer.Revocation;

/// <summary>
/// Degraded, not unhealthy, while revocations are not known: this server then answers with a reason and a time to come
/// back, which a load balancer that takes it away could not.
/// </summary>
internal sealed class RevocationHealth(RevocationMirror mirror) : IHealthCheck
{
    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(mirror.IsFresh ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("Revocations are not known."));
}
