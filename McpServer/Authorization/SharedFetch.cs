namespace McpAspire.McpServer.Authorization;

/// <summary>
/// A value fetched from elsewhere and kept: one flight at a time, whoever asks meanwhile waits for it, and after a
/// failure a short pause in which the same failure is the answer.
/// </summary>
/// <typeparam name="T">What is fetched.</typeparam>
internal sealed class SharedFetch<T>(Func<Task<T>> fetch, TimeProvider time) where T : class
{
    /// <summary>How long a failure is the answer.</summary>
    public static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private volatile Fetched? _last;
    private volatile Failed? _failure;
    private Task<T>? _flight;

    /// <summary>The last value and its age, if one was ever fetched.</summary>
    public (T Value, TimeSpan Age)? Last => _last is { } last ? (last.Value, time.GetElapsedTime(last.At)) : null;

    /// <summary>The value, fetched anew if it is older than <paramref name="maxAge"/>.</summary>
    /// <param name="maxAge">The greatest age that will do.</param>
    /// <exception cref="AuthorizationServerUnavailableException">It can't be had now.</exception>
    public ValueTask<T> GetAsync(TimeSpan maxAge)
    {
        if (Last is { } last && last.Age < maxAge)
        {
            return ValueTask.FromResult(last.Value);
        }

        lock (_lock)
        {
            if (_flight is { IsCompleted: false } flight)
            {
                return new ValueTask<T>(flight);
            }

            if (_failure is { } failure && time.GetElapsedTime(failure.At) < FailurePause)
            {
                return ValueTask.FromException<T>(new AuthorizationServerUnavailableException(failure.Reason.Message, failure.Reason));
            }

            _flight = FetchAsync();
            return new ValueTask<T>(_flight);
        }
    }

    private async Task<T> FetchAsync()
    {
        // Off the caller's lock before anything else happens.
        await Task.Yield();
        try
        {
            var value = await fetch();
            _last = new Fetched(value, time.GetTimestamp());
            _failure = null;
            return value;
        }
        catch (AuthorizationServerUnavailableException exception)
        {
            _failure = new Failed(exception, time.GetTimestamp());
            throw;
        }
    }

    private sealed record Fetched(T Value, long At);

    private sealed record Failed(AuthorizationServerUnavailableException Reason, long At);
}
