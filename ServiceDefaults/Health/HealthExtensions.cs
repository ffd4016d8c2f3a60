using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace McpAspire.ServiceDefaults.Health;

/// <summary>Liveness and readiness of a service.</summary>
public static class HealthExtensions
{
    /// <summary>Readiness: all checks of the service pass. The answer is one word; it names no part.</summary>
    public const string ReadyPath = "/health";

    /// <summary>Liveness: the process answers.</summary>
    public const string AlivePath = "/alive";

    /// <summary>Adds the check that says the process answers.</summary>
    /// <param name="builder">The service's builder.</param>
    public static void AddHealth(this IHostApplicationBuilder builder) =>
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), ["live"]);

    /// <summary>Maps <see cref="ReadyPath"/> and <see cref="AlivePath"/>.</summary>
    /// <param name="app">The service.</param>
    public static WebApplication MapHealth(this WebApplication app)
    {
        app.MapHealthChecks(ReadyPath);
        app.MapHealthChecks(AlivePath, new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
        return app;
    }
}
