using McpAspire.ServiceDefaults.BrowserProtection;
using McpAspire.ServiceDefaults.Health;
using McpAspire.ServiceDefaults.Outbound;
using McpAspire.ServiceDefaults.PublicUrls;
using McpAspire.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace McpAspire.ServiceDefaults;

/// <summary>What every service of the stack shares: a service's <c>Program.cs</c> begins with these calls.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// Adds telemetry, health checks, the service's public URL, the guard for URLs that strangers gave us, and, for clients
    /// of IHttpClientFactory, service discovery and resilience. A setting that stops the start from here on is told in one
    /// message, without a stack.
    /// </summary>
    /// <param name="builder">The service's builder. Its configuration must hold <c>PublicUrl</c>.</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        StartFailure.Watch();
        builder.AddTelemetry();
        builder.AddHealth();
        builder.AddPublicUrl();
        builder.AddOutboundGuard();

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });

        builder.WebHost.ConfigureKestrelLimits(builder.Configuration);
        return builder;
    }

    /// <summary>
    /// Puts the shared rules in front of everything else: forwarded headers from known proxies, the request log,
    /// security headers and the inbound Host rule. The Origin rule is for each service to place (<c>UseOriginCheck</c>).
    /// </summary>
    /// <param name="app">The service's pipeline.</param>
    public static WebApplication UseServiceDefaults(this WebApplication app)
    {
        app.Lifetime.ApplicationStarted.Register(StartFailure.Forget);
        app.UseKnownProxies();
        app.UseRequestLog();
        app.UseSecurityHeaders();
        app.UsePublicHost();
        return app;
    }
}
