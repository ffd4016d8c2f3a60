using System.Reflection;
using System.Text.RegularExpressions;

namespace McpAspire.AuthServer.Tests.Running;

/// <summary>
/// The names of the tests there are, as documents write them: <c>Class.Method</c> of this project, read from its
/// assembly, and <c>Project/Class.Method</c> of the others, read from their sources.
/// </summary>
internal sealed partial class TestNames
{
    private readonly HashSet<string> _names;

    internal TestNames() => _names = [.. OfThisProject(), .. OfTheOthers()];

    internal static string Repository { get; } = Path.GetFullPath(
        typeof(TestNames).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Repository").Value!);

    internal bool Contains(string name) => _names.Contains(name);

    private static IEnumerable<string> OfThisProject() =>
        from type in typeof(TestNames).Assembly.GetTypes()
        from method in type.GetMethods()
        where method.GetCustomAttribute<FactAttribute>() is not null
        select $"{type.Name}.{method.Name}";

    private static IEnumerable<string> OfTheOthers() =>
        from folder in Directory.EnumerateDirectories(Path.Combine(Repository, "tests"))
        from file in Directory.EnumerateFiles(folder, "*Tests.cs", SearchOption.AllDirectories)
        from name in Of(File.ReadAllText(file))
        select $"{Path.GetFileName(folder)}/{name}";

    /// <summary>The tests of a source file: what follows an attribute for facts, under the class before it.</summary>
    private static IEnumerable<string> Of(string source)
    {
        var classes = ClassDeclaration().Matches(source);
        return from Match test in TestDeclaration().Matches(source)
               let own = classes.LastOrDefault(declared => declared.Index < test.Index)
               where own is not null
               select $"{own.Groups["name"].Value}.{test.Groups["name"].Value}";
    }

    [GeneratedRegex(@"^public [\w ]*class (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex ClassDeclaration();

    [GeneratedRegex(@"\[(Fact|Theory)[^\n]*\n(\s*\[[^\n]*\n|\s*//[^\n]*\n)*\s*public (async )?(Task|ValueTask|void) (?<name>\w+)\(")]
    private static partial Regex TestDeclaration();
}
