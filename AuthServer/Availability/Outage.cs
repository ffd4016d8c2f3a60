namespace McpAspire.AuthServer.Availability;

/// <summary>
/// Says in the log once that something which the service needs is away, and once that it is back, however many meet it. What
/// fails meanwhile for that reason has no line of its own.
/// </summary>
internal abstract class Outage
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
    /// <returns>True where it is away, which the log says already; false where it is another failure, of which the log must tell.</returns>
    internal bool Explains(Exception exception)
    {
        if (!IsAbsence(exception))
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
                SayAway(exception.GetBaseException().Message);
            }
        }

        return true;
    }

    /// <summary>Takes note that it answered.</summary>
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
                SayBack(TimeProvider.System.GetElapsedTime(_beganAt).TotalSeconds);
            }
        }
    }

    /// <summary>True where a failure is one of those that all have while it is away.</summary>
    protected abstract bool IsAbsence(Exception exception);

    protected abstract void SayAway(string reason);

    protected abstract void SayBack(double seconds);
}
