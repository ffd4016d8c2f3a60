using Aspire.Hosting;
using McpAspire.LocalEngine.Processes;

namespace McpAspire.LocalEngine.Running;

/// <summary>The life of one resource: waits for others, starts, is watched, and is started again when it crashes.</summary>
internal sealed class ResourceRunner(
    Workload workload, ProcessLauncher launcher, HostConsole console, TimeProvider time, IServiceProvider services)
{
    private readonly TaskCompletionSource _usable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IChildProcess? _child;
    private HealthWatch? _watch;

    internal Workload Workload => workload;

    internal string Name => workload.Name;

    internal ResourceState State { get; private set; } = ResourceState.Waiting;

    /// <summary>What its health checks last found wrong; null where nothing.</summary>
    internal string? Problem => _watch?.LastProblem;

    /// <summary>Those that it waits for.</summary>
    internal IReadOnlyList<ResourceRunner> Dependencies { get; set; } = [];

    /// <summary>The names of those that it still waits for.</summary>
    internal string AwaitedNames =>
        string.Join(", ", Dependencies.Where(dependency => !dependency.Usable.IsCompleted).Select(dependency => dependency.Name));

    /// <summary>Done when those that wait for it may go on: it is healthy, or this machine cannot run it.</summary>
    internal Task Usable => _usable.Task;

    /// <summary>Done when its start has come to an end, good or bad.</summary>
    internal Task Settled => _settled.Task;

    /// <summary>Runs until it is given up on or <paramref name="stop"/> is signalled; the process then still runs.</summary>
    internal async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await LiveAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The host stops the processes, in its order.
        }
        catch (Exception e) when (e is DistributedApplicationException or IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            GiveUp(e.Message);
        }
    }

    /// <summary>Ends the process: asks, waits, and ends it with force after <paramref name="grace"/>.</summary>
    internal async Task StopAsync(TimeSpan grace, CancellationToken force)
    {
        if (_child is { } child)
        {
            child.Terminate();
            try
            {
                await child.Exited.WaitAsync(grace, time, force).ConfigureAwait(false);
            }
            catch (Exception e) when (e is TimeoutException or OperationCanceledException)
            {
                child.Kill();
                await child.Exited.ConfigureAwait(false);
            }
        }

        State = ResourceState.Stopped;
    }

    private async Task LiveAsync(CancellationToken stop)
    {
        if (await workload.FindObstacleAsync(stop).ConfigureAwait(false) is { } obstacle)
        {
            State = ResourceState.NotAvailable;
            console.Warn(Name, $"not available: {obstacle}");
            Settle();
            return;
        }

        if (AwaitedNames is { Length: > 0 } names)
        {
            console.Output(Name, $"waits for {names}");
        }

        await Task.WhenAll(Dependencies.Select(dependency => dependency.Usable)).WaitAsync(stop).ConfigureAwait(false);
        var backoff = new RestartBackoff();
        while (true)
        {
            var (exitCode, healthyFor) = await RunOnceAsync(stop).ConfigureAwait(false);
            if (backoff.Next(healthyFor) is not { } wait)
            {
                GiveUp($"it ended {RestartBackoff.MaxTries + 1} times in a row, at last with exit code {exitCode}; its output above says why");
                return;
            }

            State = ResourceState.Restarting;
            console.Warn(Name, $"crashed (exit code {exitCode}); restarting in {wait.TotalSeconds:0} s (try {backoff.Tries} of {RestartBackoff.MaxTries})");
            await Task.Delay(wait, time, stop).ConfigureAwait(false);
        }
    }

    private async Task<(int ExitCode, TimeSpan HealthyFor)> RunOnceAsync(CancellationToken stop)
    {
        var again = State == ResourceState.Restarting;
        State = ResourceState.Starting;
        var spec = await workload.PrepareAsync(stop).ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        _child = launcher.Start(spec, line => console.Output(Name, line));
        console.Output(Name, $"started as process {_child.Id}");
        var watch = _watch = new HealthWatch(workload.Probes, time) { Ready = token => workload.ReadyAsync(services, token) };
        watch.Changed += problem => OnHealth(problem, again);
        var healthyFor = await watch.RunUntilAsync(_child.Exited, stop).ConfigureAwait(false);
        return (await _child.Exited.ConfigureAwait(false), healthyFor);
    }

    private void OnHealth(string? problem, bool again)
    {
        if (problem is not null)
        {
            State = ResourceState.Unhealthy;
            console.Warn(Name, $"unhealthy: {problem}");
            return;
        }

        var recovered = again || State == ResourceState.Unhealthy;
        State = ResourceState.Healthy;
        console.Good(Name, recovered ? "healthy again" : workload.Url is { } url ? $"healthy at {url}" : "healthy");
        Settle();
    }

    private void GiveUp(string reason)
    {
        State = ResourceState.GivenUp;
        console.Bad(Name, $"given up: {reason}");
        _settled.TrySetResult();
    }

    private void Settle()
    {
        _usable.TrySetResult();
        _settled.TrySetResult();
    }
}
