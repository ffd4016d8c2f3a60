using Spectre.Console;

namespace McpAspire.LocalEngine.Running;

/// <summary>What the host says, and what its resources write, line by line with the resource's name before it.</summary>
internal sealed class HostConsole(IAnsiConsole console)
{
    // Colours of the terminal's own sixteen, as its SGR codes: they suit light and dark alike.
    private const int Red = 31;
    private const int Green = 32;
    private const int Yellow = 33;
    private const int Plain = 0;
    private static readonly int[] Palette = [36, 35, 34, 96, 95, 94];

    private readonly Lock _gate = new();
    private readonly List<string> _names = [];

    /// <summary>Whether colours are shown: on a terminal, unless <c>NO_COLOR</c> or the command line says no.</summary>
    internal bool HasColors => console.Profile.Capabilities.ColorSystem != ColorSystem.NoColors;

    internal static HostConsole Create(bool noColor)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = noColor || Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = noColor || Console.IsOutputRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
        });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = 200;
        }

        return new HostConsole(console);
    }

    /// <summary>Says which resources there are, so that their names line up.</summary>
    internal void Introduce(IEnumerable<string> names) => _names.AddRange(names);

    /// <summary>A line that the resource wrote. A colour that it left on ends with the line.</summary>
    internal void Output(string resource, string line) =>
        Write(resource, HasColors && line.Contains('\e', StringComparison.Ordinal) ? $"{line}\e[0m" : line, Plain);

    internal void Good(string resource, string text) => Write(resource, text, Green);

    internal void Warn(string resource, string text) => Write(resource, text, Yellow);

    internal void Bad(string resource, string text) => Write(resource, text, Red);

    /// <summary>A line of the host itself.</summary>
    internal void Say(string text) => Line(text, Plain);

    /// <summary>Something that the person must know before going on.</summary>
    internal void Note(string text) => Line(text, Yellow);

    /// <summary>Why the host ends.</summary>
    internal void Error(string text) => Line(text, Red);

    /// <summary>A table with these columns.</summary>
    internal void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = HasColors ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumns([.. columns]);
        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(cell => new Text(cell))]);
        }

        lock (_gate)
        {
            console.Write(table);
        }
    }

    private void Line(string text, int colour)
    {
        lock (_gate)
        {
            Coloured(text, colour);
            console.Profile.Out.Writer.WriteLine();
        }
    }

    private void Write(string resource, string text, int colour)
    {
        var width = _names.Count == 0 ? 0 : _names.Max(name => name.Length);
        lock (_gate)
        {
            Coloured($"{resource.PadRight(width)} | ", Palette[Math.Max(0, _names.IndexOf(resource)) % Palette.Length]);
            Coloured(text, colour);
            console.Profile.Out.Writer.WriteLine();
        }
    }

    // Lines of programs are written as they are: they may hold colours of their own, and are never wrapped.
    private void Coloured(string text, int colour) =>
        console.Profile.Out.Writer.Write(HasColors && colour != Plain ? $"\e[{colour}m{text}\e[0m" : text);
}
