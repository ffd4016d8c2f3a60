using System.Diagnostics.Metrics;

namespace McpAspire.AuthServer.Storage.Sqlite;

/// <summary>What operators see of <see cref="SqliteRefreshWriter"/>: how many refreshes share a commit, and how many wait for one.</summary>
internal sealed class RefreshMeasures
{
    /// <summary>A histogram, of refreshes.</summary>
    internal const string CommitSize = "authserver.refresh.commit.size";

    /// <summary>An up-down counter, of refreshes.</summary>
    internal const string Waiting = "authserver.refresh.waiting";

    private const string Unit = "{refresh}";

    private readonly Histogram<int> _commitSize;

    /// <param name="meters">Where the service's meters are made.</param>
    /// <param name="waiting">How many wait now.</param>
    internal RefreshMeasures(IMeterFactory meters, Func<int> waiting)
    {
        // Telemetry takes meters of this prefix.
        var meter = meters.Create("McpAspire.AuthServer");
        _commitSize = meter.CreateHistogram<int>(
            CommitSize, Unit, "How many refreshes were written by one commit.", tags: null,
            new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });
        meter.CreateObservableUpDownCounter(Waiting, waiting, Unit, "How many refreshes wait to be written.");
    }

    internal void Committed(int refreshes) => _commitSize.Record(refreshes);
}
