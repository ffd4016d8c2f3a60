namespace McpAspire.LocalEngine.Running;

/// <summary>All the resources of a run.</summary>
internal sealed class LocalStack(IReadOnlyList<ResourceRunner> runners, HostConsole console, TimeProvider time)
{
    private static readonly TimeSpan Reminder = TimeSpan.FromSeconds(30);

    // Leaves a second of the ten for those that must be ended with force.
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(9);

    /// <summary>Runs until it is told to stop, or cannot start.</summary>
    /// <returns>The exit code of the host.</returns>
    internal async Task<int> RunAsync(StopSignals signals)
    {
        var begun = time.GetTimestamp();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop);
        var lives = runners.Select(runner => runner.RunAsync(end.Token)).ToList();
        var exitCode = 0;
        try
        {
            await StartedAsync(signals.Stop).ConfigureAwait(false);
            Report(time.GetElapsedTime(begun));
            if (runners.Any(runner => runner.State == ResourceState.GivenUp))
            {
                exitCode = 1;
            }
            else
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, signals.Stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
        {
            console.Say("Stopping. Ctrl-C again stops at once.");
        }

        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(lives).ConfigureAwait(false);
        await StopAsync(signals.Force).ConfigureAwait(false);
        return exitCode;
    }

    /// <summary>Waits until every resource is healthy or known to be out of reach, or one of them is given up on.</summary>
    private async Task StartedAsync(CancellationToken stop)
    {
        var all = Task.WhenAll(runners.Select(runner => runner.Settled));
        while (!all.IsCompleted && !runners.Any(runner => runner.State == ResourceState.GivenUp))
        {
            var reminder = Task.Delay(Reminder, time, stop);
            var first = await Task.WhenAny([all, reminder, .. runners.Where(runner => !runner.Settled.IsCompleted).Select(runner => runner.Settled)])
                .ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            if (first == reminder)
            {
                Remind();
            }
        }
    }

    private void Remind()
    {
        foreach (var runner in runners.Where(runner => !runner.Settled.IsCompleted))
        {
            console.Warn(runner.Name, runner.State == ResourceState.Waiting
                ? $"still waits for {runner.AwaitedNames}"
                : $"still not healthy{(runner.Problem is { } problem ? $": {problem}" : "")}");
        }
    }

    private void Report(TimeSpan took)
    {
        console.Table(
            ["resource", "state", "URL"],
            runners.Select(runner => (IReadOnlyList<string>)[runner.Name, Words(runner.State), Url(runner)]));
        if (runners.All(runner => runner.State != ResourceState.GivenUp))
        {
            console.Say($"Started in {took.TotalSeconds:0.0} s. Ctrl-C stops everything.");
            if (runners.LastOrDefault(runner => runner.Workload.IsFrontDoor) is { } door)
            {
                console.Good(door.Name, $"Open {door.Workload.DisplayName} at {door.Workload.Url}");
            }
        }
    }

    /// <summary>Stops all, those first that nobody needs any more, sharing out the time that is left.</summary>
    private async Task StopAsync(CancellationToken force)
    {
        var begun = time.GetTimestamp();
        var waves = StopOrder.Waves(runners);
        for (var i = 0; i < waves.Count; i++)
        {
            var left = StopWithin - time.GetElapsedTime(begun);
            var grace = left > TimeSpan.Zero ? left / (waves.Count - i) : TimeSpan.Zero;
            await Task.WhenAll(waves[i].Select(runner => runner.StopAsync(grace, force))).ConfigureAwait(false);
        }
    }

    private static string Url(ResourceRunner runner) =>
        runner.State == ResourceState.NotAvailable ? "" : runner.Workload.Url ?? "";

    private static string Words(ResourceState state) => state switch
    {
        ResourceState.NotAvailable => "not available",
        ResourceState.GivenUp => "given up",
        _ => state.ToString().ToLowerInvariant(),
    };
}
