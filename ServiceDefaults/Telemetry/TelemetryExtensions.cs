using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace McpAspire.ServiceDefaults.Telemetry;

/// <summary>Logs, traces and metrics of a service, sent to where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> points.</summary>
public static class TelemetryExtensions
{
    /// <summary>
    /// Adds OpenTelemetry, with query strings kept out of logs and traces. The instrumentations redact them by
    /// default, but Aspire turns that off for development, so they are taken out here for good.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter("McpAspire.*", "Experimental.ModelContextProtocol"))
            .WithTracing(tracing => tracing
                .AddSource("McpAspire.*", "Experimental.ModelContextProtocol")
                .AddAspNetCoreInstrumentation(options =>
                {
                    options.Filter = context => !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal);
                    options.EnrichWithHttpRequest = (activity, _) => activity.SetTag("url.query", null);
                })
                .AddHttpClientInstrumentation(options => options.EnrichWithHttpRequestMessage =
                    (activity, request) => activity.SetTag("url.full", request.RequestUri?.GetLeftPart(UriPartial.Path)))
                // Before the exporter, which takes what is still recorded.
                .AddProcessor<LoneRedisCommands>());

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            builder.Services.AddOpenTelemetry().UseOtlpExporter();
        }

        builder.Services.PostConfigure<LoggerFilterOptions>(RequestLog.ReplaceFrameworkRequestLog);
    }
}
