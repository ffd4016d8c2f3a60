using System.Collections.Concurrent;
using System.Diagnostics;
using McpAspire.ServiceDefaults.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Xunit;

namespace McpAspire.ServiceDefaults.Tests;

public sealed class TraceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_trace_holds_a_query_string_even_where_redaction_was_turned_off()
    {
        var finished = new ConcurrentQueue<Activity>();
        // What Aspire sets for every project while it runs a stack.
        await using var service = await TestService.StartAsync(
            builder => builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(new Recorder(finished))),
            ("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "true"),
            ("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "true"));
        using var http = new HttpClient();

        await http.GetStringAsync(new Uri($"{service.Url}/page?code=s3cret-code"), Cancel);

        await TestKit.Eventually.BeTrueAsync(
            () => Task.FromResult(finished.Select(activity => activity.Kind).Distinct().Count() == 2), "client and server spans", cancellationToken: Cancel);
        Assert.DoesNotContain(
            finished.SelectMany(activity => activity.TagObjects), tag => tag.Value?.ToString()?.Contains("s3cret-code", StringComparison.Ordinal) == true);
    }

    /// <summary>Background services ask Redis each second.</summary>
    [Fact]
    public async Task A_redis_command_is_exported_where_it_belongs_to_something_and_not_alone()
    {
        var exported = new ConcurrentQueue<string>();
        using var redis = new ActivitySource(LoneRedisCommands.Source);
        using var work = new ActivitySource("McpAspire.TraceTests");
        await using var service = await TestService.StartAsync(builder => builder.Services.ConfigureOpenTelemetryTracerProvider(
            tracing => tracing.AddSource(LoneRedisCommands.Source).AddProcessor(new SimpleActivityExportProcessor(new Exporter(exported)))));

        redis.StartActivity("alone", ActivityKind.Client)!.Stop();
        using (work.StartActivity("work"))
        {
            redis.StartActivity("of the work", ActivityKind.Client)!.Stop();
        }

        Assert.Equal(["of the work", "work"], exported);
    }

    private sealed class Exporter(ConcurrentQueue<string> exported) : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var activity in batch)
            {
                exported.Enqueue(activity.DisplayName);
            }

            return ExportResult.Success;
        }
    }

    private sealed class Recorder(ConcurrentQueue<Activity> finished) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => finished.Enqueue(data);
    }
}
