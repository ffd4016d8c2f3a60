namespace McpAspire.AuthServer.Storage.Outages;

/// <summary>
/// Says in the log once that the database is away, and once that it is back, however many meet it. What fails meanwhile for
/// that reason has no line of its own.
/// </summary>
internal sealed partial class DatabaseOutage(Database database, ILogger<DatabaseOutage> logger)
{
    /// <summary>It is back when it answers and nothing failed for so long: each connection that died with it fails once more.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile bool _isUnderWay;

    // Real time: it is about a real server.
    private long _beganAt;
    private long _failedAt;

    internal bool IsUnderWay => _isUnderWay;

    /// <summary>Takes note of a failure.</summary>
    /// <returns>True where the database is away, which the log says already; false where it is another failure, of which the log must tell.</returns>
    internal bool Explains(Exception exception)
    {
        if (!DatabaseAbsence.IsOutage(exception))
        {
            return false;
        }

        lock (_gate)
        {
            _failedAt = TimeProvider.System.GetTimestamp();
            if (!_isUnderWay)
            {
                _beganAt = _failedAt;
                _isUnderWay = true;
                Away(database.Name, exception.GetBaseException().Message);
            }
        }

        return true;
    }

    /// <summary>Takes note that the database answered.</summary>
    internal void Answered()
    {
        if (!_isUnderWay)
        {
            return;
        }

        lock (_gate)
        {
            if (_isUnderWay && TimeProvider.System.GetElapsedTime(_failedAt) >= Calm)
            {
                _isUnderWay = false;
                Back(database.Name, TimeProvider.System.GetElapsedTime(_beganAt).TotalSeconds);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The database is away ({Database}): {Reason}. What needs it answers 503 until it is back, which will be said here")]
    private partial void Away(string database, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database is back ({Database}), after {Seconds:0} s")]
    private partial void Back(string database, double seconds);
}
