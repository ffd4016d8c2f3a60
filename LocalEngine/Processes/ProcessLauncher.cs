namespace McpAspire.LocalEngine.Processes;

/// <summary>Starts processes none of which outlives this one, nor do the processes that those start.</summary>
internal abstract class ProcessLauncher : IDisposable
{
    internal static ProcessLauncher Create() =>
        OperatingSystem.IsWindows() ? new WindowsProcessLauncher() : new UnixProcessLauncher();

    /// <summary>Starts a process.</summary>
    /// <param name="spec">What to start.</param>
    /// <param name="output">Takes each line that it writes; called from a thread of its own.</param>
    internal abstract IChildProcess Start(ProcessSpec spec, Action<string> output);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>A process of ours, with all that it started.</summary>
internal interface IChildProcess
{
    int Id { get; }

    /// <summary>Its exit code, once it has ended. What it started is gone by then.</summary>
    Task<int> Exited { get; }

    /// <summary>Asks it to end.</summary>
    void Terminate();

    /// <summary>Ends it at once, with all that it started.</summary>
    void Kill();
}
