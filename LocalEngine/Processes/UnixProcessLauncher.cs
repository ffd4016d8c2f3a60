using System.Collections.Concurrent;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace McpAspire.LocalEngine.Processes;

/// <summary>
/// Starts each process as the leader of a process group of its own. It waits at a gate until the guardian knows its group,
/// so that there is no moment in which the death of this process would leave it behind.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class UnixProcessLauncher : ProcessLauncher
{
    // The gate: without a word from the host (because it is dead) the shell ends; with one it becomes the program.
    private const string Gate = "IFS= read -r go || exit 125; cd -- \"$1\" || exit 126; shift; exec \"$@\" </dev/null";

    private readonly ConcurrentDictionary<int, UnixChildProcess> _children = new();
    private readonly PosixSignalRegistration _childEnded;
    private readonly Guardian _guardian;

    internal UnixProcessLauncher()
    {
        _childEnded = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Collect());
        _guardian = new Guardian();
    }

    internal override IChildProcess Start(ProcessSpec spec, Action<string> output)
    {
        // Pipes of .NET are closed in children, but for the ends that the spawn hands over.
        using var gate = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        var lines = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        string[] arguments = ["sh", "-c", Gate, "sh", spec.WorkingDirectory, spec.FileName, .. spec.Arguments];
        var environment = spec.FullEnvironment().Select(variable => $"{variable.Key}={variable.Value}");
        var pid = Posix.Spawn("/bin/sh", arguments, environment, gate.ClientSafePipeHandle, lines.ClientSafePipeHandle);
        gate.DisposeLocalCopyOfClientHandle();
        lines.DisposeLocalCopyOfClientHandle();

        _guardian.Add(pid);
        var child = new UnixChildProcess(pid);
        _children[pid] = child;
        new Thread(() => ReadLines(lines, output), maxStackSize: 256 * 1024) { IsBackground = true, Name = $"output of {pid}" }.Start();
        gate.Write("go\n"u8);
        Collect();
        return child;
    }

    public override void Dispose()
    {
        foreach (var child in _children.Values)
        {
            child.Kill();
        }

        _guardian.Dispose();
        _childEnded.Dispose();
    }

    /// <summary>Takes leave of the children that have ended: first of all that they started, then of themselves.</summary>
    private void Collect()
    {
        foreach (var (pid, child) in _children)
        {
            // Only one caller may reap a child, and only while its id cannot have been given to another process.
            if (Posix.HasEnded(pid) && _children.TryRemove(pid, out _))
            {
                Posix.SignalGroup(pid, Posix.Sigkill);
                _guardian.Remove(pid);
                child.End(Posix.Reap(pid));
            }
        }
    }

    private static void ReadLines(Stream stream, Action<string> output)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            output(line);
        }
    }

    private sealed class UnixChildProcess(int pid) : IChildProcess
    {
        private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Id => pid;

        public Task<int> Exited => _exited.Task;

        public void Terminate() => Signal(Posix.Sigterm);

        public void Kill() => Signal(Posix.Sigkill);

        internal void End(int exitCode) => _exited.TrySetResult(exitCode);

        private void Signal(int signal)
        {
            if (!_exited.Task.IsCompleted)
            {
                Posix.SignalGroup(pid, signal);
            }
        }
    }
}
