using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace McpAspire.LocalEngine.Processes;

/// <summary>
/// Puts this process into a job that Windows ends with it; children are born into it. Not tried on a Windows machine yet.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed partial class WindowsProcessLauncher : ProcessLauncher
{
    private const int ExtendedLimitInformation = 9;
    private const uint KillOnJobClose = 0x2000;
    private const uint CtrlBreakEvent = 1;

    private readonly nint _job;

    internal WindowsProcessLauncher()
    {
        _job = CreateJobObject(0, null);
        var limits = new JobLimits { LimitFlags = KillOnJobClose };
        if (_job == 0
            || !SetInformationJobObject(_job, ExtendedLimitInformation, ref limits, (uint)Marshal.SizeOf<JobLimits>())
            || !AssignProcessToJobObject(_job, GetCurrentProcess()))
        {
            throw new InvalidOperationException($"Could not set up the job object: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    internal override IChildProcess Start(ProcessSpec spec, Action<string> output)
    {
        var start = new ProcessStartInfo(spec.FileName, spec.Arguments)
        {
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNewProcessGroup = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in spec.FullEnvironment())
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Forward(line.Data);
        process.ErrorDataReceived += (_, line) => Forward(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new WindowsChildProcess(process);

        void Forward(string? line)
        {
            if (line is not null)
            {
                output(line);
            }
        }
    }

    // The job's handle stays open: closing it would end this process too.
    public override void Dispose()
    {
    }

    [LibraryImport("kernel32.dll", EntryPoint = "CreateJobObjectW", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    private static partial nint CreateJobObject(nint attributes, string? name);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetInformationJobObject(nint job, int kind, ref JobLimits limits, uint size);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool AssignProcessToJobObject(nint job, nint process);

    [LibraryImport("kernel32.dll")]
    private static partial nint GetCurrentProcess();

    [LibraryImport("kernel32.dll")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GenerateConsoleCtrlEvent(uint kind, uint group);

    /// <summary>JOBOBJECT_EXTENDED_LIMIT_INFORMATION, of which only the flags are used.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct JobLimits
    {
        public long PerProcessUserTimeLimit;
        public long PerJobUserTimeLimit;
        public uint LimitFlags;
        public nuint MinimumWorkingSetSize;
        public nuint MaximumWorkingSetSize;
        public uint ActiveProcessLimit;
        public nuint Affinity;
        public uint PriorityClass;
        public uint SchedulingClass;
        public ulong ReadOperationCount;
        public ulong WriteOperationCount;
        public ulong OtherOperationCount;
        public ulong ReadTransferCount;
        public ulong WriteTransferCount;
        public ulong OtherTransferCount;
        public nuint ProcessMemoryLimit;
        public nuint JobMemoryLimit;
        public nuint PeakProcessMemoryUsed;
        public nuint PeakJobMemoryUsed;
    }

    private sealed class WindowsChildProcess(Process process) : IChildProcess
    {
        public int Id => process.Id;

        public Task<int> Exited { get; } = WaitAsync(process);

        // .NET takes Ctrl-Break for a request to shut down.
        public void Terminate() => GenerateConsoleCtrlEvent(CtrlBreakEvent, (uint)process.Id);

        public void Kill() => process.Kill(entireProcessTree: true);

        private static async Task<int> WaitAsync(Process process)
        {
            await process.WaitForExitAsync().ConfigureAwait(false);
            return process.ExitCode;
        }
    }
}
