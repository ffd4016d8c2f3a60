namespace McpAspire.LocalEngine.CommandLine;

/// <summary>The host's command line.</summary>
internal sealed record HostArguments
{
    // Aspire's words for publishing and deploying, which this engine leaves to Aspire.
    private static readonly string[] PublishWords = ["--operation", "--publisher", "--step", "--output-path", "--deploy"];

    /// <summary>Settings of the form <c>Section:Key=value</c>.</summary>
    internal required IReadOnlyDictionary<string, string?> Settings { get; init; }

    internal bool Help { get; init; }

    internal bool Reset { get; init; }

    internal bool NoColor { get; init; }

    /// <summary>What is wrong with it; null where nothing is.</summary>
    internal string? Error { get; init; }

    /// <summary>Reads the command line. Never throws: what is wrong stands in <see cref="Error"/>.</summary>
    internal static HostArguments Parse(IReadOnlyList<string> args)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        bool help = false, reset = false, noColor = false;
        string? error = null;
        for (var i = 0; i < args.Count && error is null; i++)
        {
            var (word, value) = Split(args[i]);
            switch (word)
            {
                case "--help" or "-h" or "-?" when value is null:
                    help = true;
                    break;
                case "--reset" when value is null:
                    reset = true;
                    break;
                case "--no-color" when value is null:
                    noColor = true;
                    break;
                case "--data":
                    error = Take(Data.DataFolder.Setting);
                    break;
                case var publish when PublishWords.Contains(publish):
                    error = "Publishing is Aspire's work: run it with the aspire engine (dotnet run --project AppHost -p:HostEngine=aspire -- …).";
                    break;
                default:
                    error = SettingKey(word) is { } key ? Take(key) : $"Unknown argument: {args[i]}";
                    break;
            }

            string? Take(string key)
            {
                value ??= i + 1 < args.Count ? args[++i] : null;
                settings[key] = value;
                return value is { Length: > 0 } ? null : $"{word} needs a value.";
            }
        }

        return new HostArguments { Settings = settings, Help = help, Reset = reset, NoColor = noColor, Error = error };
    }

    private static (string Word, string? Value) Split(string argument) =>
        argument.IndexOf('=', StringComparison.Ordinal) is var at and > 0 ? (argument[..at], argument[(at + 1)..]) : (argument, null);

    /// <summary>A setting has a section, such as <c>--Ports:authserver</c>; anything else is a typing mistake.</summary>
    private static string? SettingKey(string word)
    {
        var key = word.StartsWith("--", StringComparison.Ordinal) ? word[2..] : word.TrimStart('/');
        var sections = key.Split(':');
        return sections.Length > 1 && sections.All(section => section.Length > 0) && !key.StartsWith('-') ? key : null;
    }
}
