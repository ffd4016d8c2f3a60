using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace McpAspire.AuthServer.Storage;

/// <summary>Readiness of the database: a row can be read.</summary>
internal sealed class DatabaseCheck(AuthDbContext database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await database.Settings.AnyAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
