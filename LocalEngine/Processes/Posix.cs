using System.Runtime.InteropServices;

namespace McpAspire.LocalEngine.Processes;

/// <summary>The calls of POSIX that .NET does not offer. Numbers are the same on Linux and macOS unless told apart.</summary>
internal static unsafe partial class Posix
{
    internal const int Sigterm = 15;
    internal const int Sigkill = 9;

    private const short SpawnSetProcessGroup = 0x02;
    private const short SpawnSetSignalDefaults = 0x04;
    private const short SpawnSetSignalMask = 0x08;

    // Both are opaque and at most 336 bytes in the C libraries of today.
    private const int OpaqueSize = 1024;

    private const int WaitForPid = 1;
    private const int DoNotHang = 0x01;
    private const int Ended = 0x04;
    private static readonly int KeepWaitable = OperatingSystem.IsMacOS() ? 0x20 : 0x01000000;

    // SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM: .NET and shells change them, and a child inherits what is ignored.
    private static readonly int[] SignalsToRestore = [1, 2, 3, 13, 15];

    /// <summary>Sends a signal to every process of a group. A group that is gone is no error.</summary>
    internal static void SignalGroup(int group, int signal) => _ = Kill(-group, signal);

    /// <summary>Whether any process of the group is left.</summary>
    internal static bool GroupExists(int group) => Kill(-group, 0) == 0;

    /// <summary>Whether the child has ended. It stays a zombie, so that its id, which is its group's too, stays taken.</summary>
    internal static bool HasEnded(int pid)
    {
        var info = stackalloc int[64];
        info[0] = 0;
        return WaitId(WaitForPid, pid, info, DoNotHang | Ended | KeepWaitable) == 0 && info[0] != 0;
    }

    /// <summary>Takes the exit code of a child that has ended; 128 and the signal's number if one killed it.</summary>
    internal static int Reap(int pid)
    {
        int status = 0;
        _ = WaitPid(pid, &status, 0);
        var signal = status & 0x7f;
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal;
    }

    /// <summary>
    /// Starts a program as the leader of a process group of its own, with default signals and with the two given handles
    /// as standard input and outputs.
    /// </summary>
    /// <exception cref="InvalidOperationException">It could not be started.</exception>
    internal static int Spawn(string program, IReadOnlyList<string> arguments, IEnumerable<string> environment, SafeHandle input, SafeHandle output)
    {
        byte* actions = stackalloc byte[OpaqueSize];
        byte* attributes = stackalloc byte[OpaqueSize];
        byte* signals = stackalloc byte[OpaqueSize];
        using var argv = new NativeStrings(arguments);
        using var envp = new NativeStrings(environment);
        Check(SpawnFileActionsInit(actions));
        Check(SpawnAttributesInit(attributes));
        try
        {
            var outputHandle = (int)output.DangerousGetHandle();
            Check(SpawnFileActionsAddDup2(actions, (int)input.DangerousGetHandle(), 0));
            Check(SpawnFileActionsAddDup2(actions, outputHandle, 1));
            Check(SpawnFileActionsAddDup2(actions, outputHandle, 2));

            Check(SpawnAttributesSetFlags(attributes, SpawnSetProcessGroup | SpawnSetSignalDefaults | SpawnSetSignalMask));
            Check(SpawnAttributesSetProcessGroup(attributes, 0));
            Check(SignalSetEmpty(signals));
            Check(SpawnAttributesSetSignalMask(attributes, signals));
            foreach (var signal in SignalsToRestore)
            {
                Check(SignalSetAdd(signals, signal));
            }

            Check(SpawnAttributesSetSignalDefaults(attributes, signals));

            int pid;
            Check(SpawnProcess(&pid, program, actions, attributes, argv.Pointer, envp.Pointer));
            return pid;
        }
        finally
        {
            SpawnFileActionsDestroy(actions);
            SpawnAttributesDestroy(attributes);
        }

        void Check(int error)
        {
            if (error != 0)
            {
                throw new InvalidOperationException($"Could not start {program}: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "waitid")]
    private static partial int WaitId(int kind, int pid, int* info, int options);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitPid(int pid, int* status, int options);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SpawnProcess(int* pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int SpawnFileActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int SpawnFileActionsAddDup2(byte* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial void SpawnFileActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int SpawnAttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SpawnAttributesSetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    private static partial int SpawnAttributesSetProcessGroup(byte* attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int SpawnAttributesSetSignalMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int SpawnAttributesSetSignalDefaults(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial void SpawnAttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static partial int SignalSetEmpty(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigaddset")]
    private static partial int SignalSetAdd(byte* signals, int signal);

    /// <summary>An array of C strings that ends with a null.</summary>
    private readonly ref struct NativeStrings
    {
        private readonly nint[] _strings;
        private readonly nint _array;

        internal NativeStrings(IEnumerable<string> strings)
        {
            _strings = [.. strings.Select(Marshal.StringToCoTaskMemUTF8)];
            _array = Marshal.AllocCoTaskMem((_strings.Length + 1) * sizeof(nint));
            Marshal.Copy(_strings, 0, _array, _strings.Length);
            ((nint*)_array)[_strings.Length] = 0;
        }

        internal byte** Pointer => (byte**)_array;

        public void Dispose()
        {
            foreach (var text in _strings)
            {
                Marshal.FreeCoTaskMem(text);
            }

            Marshal.FreeCoTaskMem(_array);
        }
    }
}
