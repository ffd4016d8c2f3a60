using System.Runtime.InteropServices;
using System.Text.Json;
using Garnet;

namespace McpAspire.LocalEngine.Redis;

/// <summary>Serves Redis until it is told to stop.</summary>
internal static class EmbeddedRedisProgram
{
    internal static async Task<int> RunAsync(string argumentsFile)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var broken = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Stop);

        var arguments = JsonSerializer.Deserialize<string[]>(await File.ReadAllTextAsync(argumentsFile).ConfigureAwait(false));
        using var server = new GarnetServer(arguments);
        server.Start();
        await stop.Task.ConfigureAwait(false);
        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }
    }
}
