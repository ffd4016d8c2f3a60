using System.Text.RegularExpressions;
using McpAspire.AuthServer.Tests.Running;

namespace McpAspire.AuthServer.Tests;

/// <summary>What docs/clauses.md and docs/threat-model.md say of tests: each one that they name is there.</summary>
public sealed partial class ClausesTests
{
    private const string TestColumn = "test";
    private const string NoTest = "– ";

    private static readonly TestNames Names = new();

    [Theory]
    [InlineData("docs/clauses.md")]
    [InlineData("docs/threat-model.md")]
    public void A_test_that_is_named_exists(string document) => HasNone(
        from row in Rows(document)
        from Match name in TestName().Matches(row.Test)
        where !Names.Contains(name.Groups["name"].Value)
        select $"{row}: there is no test {name.Groups["name"].Value}");

    [Theory]
    [InlineData("docs/clauses.md")]
    [InlineData("docs/threat-model.md")]
    public void A_row_is_whole_and_names_a_test_or_says_why_there_is_none(string document)
    {
        Assert.NotEmpty(Rows(document));
        HasNone(
            from row in Rows(document)
            where row.Cells.Length != row.Columns || row.Cells.Any(string.IsNullOrEmpty)
            select $"{row}: it must have {row.Columns} cells, none of them empty");
        HasNone(
            from row in Rows(document)
            where !row.Test.Contains('`', StringComparison.Ordinal) && !(row.Test.StartsWith(NoTest, StringComparison.Ordinal) && row.Test.Length > NoTest.Length)
            select $"{row}: the last cell must name a test, `Class.Method` or `Project/Class.Method`, or be '{NoTest}' and the reason");
    }

    private static void HasNone(IEnumerable<string> faults)
    {
        var all = string.Join('\n', faults);
        Assert.True(all.Length == 0, all);
    }

    /// <summary>The rows of the document's tables whose last column is for tests.</summary>
    private static IEnumerable<Row> Rows(string document)
    {
        var columns = 0;
        var lines = File.ReadAllLines(Path.Combine(TestNames.Repository, document));
        for (var index = 0; index < lines.Length; index++)
        {
            if (!lines[index].StartsWith('|'))
            {
                columns = 0;
                continue;
            }

            string[] cells = [.. lines[index].Trim()[1..^1].Split('|').Select(cell => cell.Trim())];
            if (columns > 0 && !cells.All(cell => cell.Trim('-', ':').Length == 0))
            {
                yield return new Row(document, index + 1, cells, columns);
            }

            columns = cells[^1] == TestColumn ? cells.Length : columns;
        }
    }

    [GeneratedRegex(@"`(?<name>(?:[\w.]+/)?\w+\.\w+)`")]
    private static partial Regex TestName();

    private sealed record Row(string Document, int Line, string[] Cells, int Columns)
    {
        internal string Test => Cells[^1];

        public override string ToString() => $"{Document}:{Line} ({string.Join(" | ", Cells.Take(2))})";
    }
}
