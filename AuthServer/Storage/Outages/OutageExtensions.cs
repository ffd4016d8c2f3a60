using McpAspire.AuthServer.Availability;
using McpAspire.ServiceDefaults.Telemetry;

namespace McpAspire.AuthServer.Storage.Outages;

/// <summary>Registers what is said while the database or Redis is away.</summary>
internal static class OutageExtensions
{
    private const string HealthChecks = "Microsoft.Extensions.Diagnostics.HealthChecks";

    internal static void AddOutages(this IServiceCollection services)
    {
        services.AddSingleton<DatabaseOutage>();
        services.AddSingleton<RedisOutage>();
        services.AddSingleton<FailureLog>();
        // Each probe would have its own error with a stack trace. Asked for at the line: the outage itself logs.
        services.AddOptions<LoggerFilterOptions>().PostConfigure<IServiceProvider>((options, provider) =>
            options.MuteCategory(HealthChecks, () => provider.GetRequiredService<DatabaseOutage>().IsUnderWay || provider.GetRequiredService<RedisOutage>().IsUnderWay));
    }
}
