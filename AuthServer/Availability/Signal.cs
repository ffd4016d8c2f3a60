namespace McpAspire.AuthServer.Availability;

/// <summary>
/// Wakes a background service of this process that else looks for work at an interval. Signals that nobody waits for
/// yet are one. The pause is real time: it paces work and means nothing else.
/// </summary>
internal abstract class Signal : IDisposable
{
    private readonly SemaphoreSlim _set = new(0, 1);

    internal void Set()
    {
        try
        {
            _set.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is set already.
        }
    }

    /// <summary>Waits for a signal, and at most for <paramref name="pause"/>.</summary>
    internal Task WaitAsync(TimeSpan pause, CancellationToken cancellationToken) => _set.WaitAsync(pause, cancellationToken);

    public void Dispose() => _set.Dispose();
}
