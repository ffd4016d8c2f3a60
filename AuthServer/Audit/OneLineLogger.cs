using System.Globalization;
using System.Text;

namespace McpAspire.AuthServer.Audit;

/// <summary>
/// Makes of each event one line of bounded length: clients choose some of the values, and a line break or a character
/// that turns the text around must not forge another event.
/// </summary>
internal sealed class OneLineLogger(ILogger inner) : ILogger
{
    internal const int LongestValue = 500;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            inner.Log(logLevel, eventId, Clean(formatter(state, exception)), exception, static (text, _) => text);
            return;
        }

        var clean = values.Select(value => new KeyValuePair<string, object?>(value.Key, value.Value is string text ? Clean(text) : value.Value)).ToArray();
        var message = Render(clean);
        inner.Log(logLevel, eventId, clean, exception, (_, _) => message);
    }

    /// <summary>The text with line breaks, control and format characters written as <c>\uXXXX</c>, cut where it is too long.</summary>
    internal static string Clean(string text)
    {
        var clean = new StringBuilder(Math.Min(text.Length, LongestValue));
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, LongestValue)))
        {
            if (char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate)
            {
                clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
            }
            else
            {
                clean.Append(character);
            }
        }

        return text.Length > LongestValue ? clean.Append('…').ToString() : clean.ToString();
    }

    /// <summary>The message template, whose text is ours, with the clean values in the places of their names.</summary>
    private static string Render(KeyValuePair<string, object?>[] values)
    {
        var template = (string?)Array.Find(values, value => value.Key == "{OriginalFormat}").Value ?? string.Empty;
        var message = new StringBuilder(template.Length);
        var rest = template.AsSpan();
        while (rest.IndexOf('{') is var open and >= 0 && rest[open..].IndexOf('}') is var length and > 0)
        {
            var hole = rest.Slice(open + 1, length - 1).ToString();
            var name = hole.Split(',', ':')[0];
            message.Append(rest[..open]);
            // What follows the name is an alignment and a format, as composite formatting has them.
            message.AppendFormat(CultureInfo.InvariantCulture, $"{{0{hole[name.Length..]}}}", Array.Find(values, value => value.Key == name).Value ?? "(null)");
            rest = rest[(open + length + 1)..];
        }

        return message.Append(rest).ToString();
    }
}
