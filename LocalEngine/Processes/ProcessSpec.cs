namespace McpAspire.LocalEngine.Processes;

/// <summary>A process to start.</summary>
/// <param name="FileName">The program, with its path.</param>
/// <param name="Arguments">Its arguments. Everyone on the machine can read them, so no secret is among them.</param>
/// <param name="WorkingDirectory">Where it starts.</param>
/// <param name="Environment">Variables besides those of the host.</param>
internal sealed record ProcessSpec(
    string FileName,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment)
{
    // Set for the host itself by `dotnet run`.
    private static readonly string[] HostOnly = ["ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE"];

    /// <summary>The whole environment of the process.</summary>
    internal Dictionary<string, string> FullEnvironment()
    {
        var all = new Dictionary<string, string>(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            all[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        foreach (var name in HostOnly)
        {
            all.Remove(name);
        }

        foreach (var (name, value) in Environment)
        {
            all[name] = value;
        }

        return all;
    }
}
