namespace McpAspire.McpServer.Revocation;

/// <summary>One running call: it ends when its token expires, when that is revoked, or when its request is over.</summary>
internal sealed class OpenCall : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _lifetime;
    private readonly CancellationTokenRegistration _request;
    private bool _disposed;

    /// <summary>Begins.</summary>
    /// <param name="left">How long the token lives.</param>
    /// <param name="time">The clock.</param>
    /// <param name="request">Cancelled when the request is over.</param>
    public OpenCall(TimeSpan left, TimeProvider time, CancellationToken request)
    {
        _lifetime = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        _request = request.UnsafeRegister(static open => ((OpenCall)open!).End(), this);
    }

    /// <summary>Cancelled when the call has to end.</summary>
    public CancellationToken Token => _lifetime.Token;

    /// <summary>True where it ended since its token was revoked.</summary>
    public bool Revoked { get; private set; }

    /// <summary>Ends it: its token was revoked.</summary>
    public void Revoke()
    {
        Revoked = true;
        End();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _request.Dispose();
        lock (_lock)
        {
            _disposed = true;
            _lifetime.Dispose();
        }
    }

    private void End()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                // What runs on cancellation runs elsewhere: it must hold up neither this lock nor who told of the revocation.
                _ = _lifetime.CancelAsync();
            }
        }
    }
}
