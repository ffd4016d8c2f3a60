namespace McpAspire.TestKit;

/// <summary>Waits for something to become true, with a deadline.</summary>
public static class Eventually
{
    /// <summary>How long to wait for what should come at once: long enough for a machine that does much else. Who sees it come waits no longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Polls until <paramref name="condition"/> holds.</summary>
    /// <param name="condition">What should come true.</param>
    /// <param name="what">What to say if it does not.</param>
    /// <param name="within">The deadline; <see cref="Patience"/> where none is given.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <exception cref="TimeoutException">It did not come true in time.</exception>
    public static async Task BeTrueAsync(
        Func<Task<bool>> condition, string what, TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var deadline = TimeProvider.System.GetTimestamp();
        var limit = within ?? Patience;
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(deadline) > limit)
            {
                throw new TimeoutException($"Not within {limit.TotalSeconds:0} s: {what}");
            }

            await Task.Delay(50, cancellationToken);
        }
    }
}
