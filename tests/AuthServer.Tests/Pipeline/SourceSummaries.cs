using System.Text.RegularExpressions;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests.Pipeline;

/// <summary>The types of the service, by name: the file that declares one, and the first sentence of its docstring.</summary>
internal sealed partial class SourceSummaries
{
    private readonly Dictionary<string, (string File, string Summary)> _types = new(StringComparer.Ordinal);

    internal SourceSummaries()
    {
        var folder = Path.Combine(TestNames.Repository, "AuthServer");
        foreach (var file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        {
            foreach (Match declared in Declaration().Matches(File.ReadAllText(file)))
            {
                _types[declared.Groups["name"].Value] =
                    (Path.GetRelativePath(TestNames.Repository, file).Replace('\\', '/'), FirstSentence(declared.Groups["summary"].Value));
            }
        }
    }

    internal (string File, string Summary) Of(string type) =>
        _types.TryGetValue(type, out var found) ? found : throw new InvalidOperationException($"{type} has no <summary>.");

    private static string FirstSentence(string summary)
    {
        var text = Spaces().Replace(Markup().Replace(Reference().Replace(summary.Replace("///", "", StringComparison.Ordinal), "`${name}`"), "`"), " ").Trim();
        return SentenceEnd().Match(text) is { Success: true } end ? text[..(end.Index + 1)] : text;
    }

    [GeneratedRegex(@"/// <summary>(?<summary>(?:(?!</summary>)[\s\S])*)</summary>\n(?: *///[^\n]*\n| *\[[^\n]*\n)* *(?:internal|public) [\w ]*class (?<name>\w+)")]
    private static partial Regex Declaration();

    [GeneratedRegex("""<see cref="(?:\w+\.)*(?<name>\w+)"\s*/>""")]
    private static partial Regex Reference();

    [GeneratedRegex("</?c>")]
    private static partial Regex Markup();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    // Not the one of an abbreviation or of a name.
    [GeneratedRegex(@"\.(?= [A-Z(`])")]
    private static partial Regex SentenceEnd();
}
