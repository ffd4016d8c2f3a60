using System.Diagnostics;
using OpenTelemetry;

namespace McpAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Keeps Redis commands that belong to nothing out of the traces: background services ask each second, and a trace of one
/// command for each would hide the requests. Those of a request stay. Aspire's Redis client writes them, ours does not.
/// </summary>
public sealed class LoneRedisCommands : BaseProcessor<Activity>
{
    /// <summary>The name of the source that writes Redis commands.</summary>
    public const string Source = "OpenTelemetry.Instrumentation.StackExchangeRedis";

    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Source.Name == Source && data.ParentSpanId == default)
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
