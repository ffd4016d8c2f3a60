namespace McpAspire.LocalEngine.Running;

/// <summary>Keeps asking one run of a resource how it is: often until it is first well, then every few seconds.</summary>
internal sealed class HealthWatch(IReadOnlyList<IHealthProbe> probes, TimeProvider time)
{
    private static readonly TimeSpan Starting = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(5);

    /// <summary>Awaited when it is well for the first time, before anybody is told.</summary>
    internal Func<CancellationToken, Task> Ready { get; init; } = _ => Task.CompletedTask;

    /// <summary>Told once it is well, and at each change from then on: null when well, else what is wrong.</summary>
    internal event Action<string?>? Changed;

    /// <summary>What was wrong when it was last asked; null when it was well or not asked yet.</summary>
    internal string? LastProblem { get; private set; }

    /// <summary>Watches until the process has ended.</summary>
    /// <returns>The longest time for which it was well.</returns>
    internal async Task<TimeSpan> RunUntilAsync(Task exited, CancellationToken stop)
    {
        var longest = TimeSpan.Zero;
        long? healthySince = null;
        var everHealthy = false;
        while (!exited.IsCompleted)
        {
            var problem = LastProblem = await AskAsync(stop).ConfigureAwait(false);
            if (problem is null && !everHealthy)
            {
                await Ready(stop).ConfigureAwait(false);
            }

            if (exited.IsCompleted)
            {
                break;
            }

            if (problem is null != healthySince is not null)
            {
                healthySince = problem is null ? time.GetTimestamp() : null;
                if (everHealthy || problem is null)
                {
                    Changed?.Invoke(problem);
                }

                everHealthy |= problem is null;
            }

            longest = Longer(longest, healthySince);
            await Task.WhenAny(exited, Task.Delay(everHealthy ? Steady : Starting, time, stop)).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
        }

        return Longer(longest, healthySince);
    }

    private TimeSpan Longer(TimeSpan longest, long? healthySince) =>
        healthySince is { } since && time.GetElapsedTime(since) is var now && now > longest ? now : longest;

    private async Task<string?> AskAsync(CancellationToken stop)
    {
        foreach (var probe in probes)
        {
            if (await probe.CheckAsync(stop).ConfigureAwait(false) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }
}
