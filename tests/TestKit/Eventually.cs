namespace McpAspire.TestKit;

/// <summary>Waits for something to become true, with a deadline.</summary>
public static class Eventually
{
    /// <summary>Polls until <paramref name="condition"/> holds.</summary>
    /// <param name="condition">What should come true.</param>
    /// <param name="what">What to say if it does not.</param>
    /// <param name="within">The deadline; 20 seconds where none is given.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <exception cref="TimeoutException">It did not come true in time.</exception>
    public static async Task BeTrueAsync(
        Func<Task<bool>> condition, string what, TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var deadline = TimeProvider.System.GetTimestamp();
        var limit = within ?? TimeSpan.FromSeconds(20);
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
