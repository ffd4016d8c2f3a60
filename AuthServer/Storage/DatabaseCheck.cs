using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace McpAspire.AuthServer.Storage;

/// <summary>Readiness of the database: a row can be read, soon.</summary>
internal sealed class DatabaseCheck(AuthDbContext database) : IHealthCheck
{
    /// <summary>Who asks for readiness gives up after seconds, and would take our silence for a process that hangs.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await database.Settings.AnyAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
