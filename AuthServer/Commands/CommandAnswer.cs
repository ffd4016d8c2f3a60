namespace McpAspire.AuthServer.Commands;

/// <summary>What a command says, and the exit code that goes with it.</summary>
internal sealed class CommandAnswer(TextWriter output, TextWriter errors)
{
    internal const int Done = 0;
    internal const int Failed = 1;
    internal const int Misused = 2;

    internal Task SayAsync(string line) => output.WriteLineAsync(line);

    internal async Task<int> DoneAsync(string line)
    {
        await SayAsync(line);
        return Done;
    }

    internal async Task<int> FailAsync(string line)
    {
        await errors.WriteLineAsync(line);
        return Failed;
    }

    internal async Task<int> MisusedAsync(string usage)
    {
        await errors.WriteLineAsync(usage);
        await errors.WriteLineAsync("Settings are those of the service, and come last, for example --DataFolder PATH.");
        return Misused;
    }
}
