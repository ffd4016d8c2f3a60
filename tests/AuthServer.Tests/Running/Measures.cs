using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>What the instruments of one server measure; those of the other servers of this process are left out.</summary>
internal sealed class Measures : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Instrument, int Value)> _values = new();

    internal Measures(RunningAuthServer server)
    {
        using var scope = server.Scope();
        var meters = scope.ServiceProvider.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Meter.Name == "McpAspire.AuthServer")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => _values.Enqueue((instrument.Name, value)));
        _listener.Start();
    }

    /// <summary>All that was measured until now.</summary>
    internal int[] Of(string instrument) => [.. _values.Where(measured => measured.Instrument == instrument).Select(measured => measured.Value)];

    /// <summary>What an instrument that is asked says now; 0 where it is not there yet.</summary>
    internal int Ask(string instrument)
    {
        _listener.RecordObservableInstruments();
        return Of(instrument).LastOrDefault();
    }

    public void Dispose() => _listener.Dispose();
}
