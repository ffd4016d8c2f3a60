using System.Globalization;
using System.Net.Mail;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace McpAspire.ClientWeb.Mcp.Forms;

/// <summary>What a field's text means: a value, an error in words, or neither where an optional field is empty.</summary>
internal readonly record struct FieldReading(JsonNode? Value, string? Error, bool IsLeftOut)
{
    public static FieldReading Of(JsonNode? value) => new(value, null, false);

    public static FieldReading Wrong(string error) => new(null, error, false);

    public static readonly FieldReading LeftOut = new(null, null, true);
}

/// <summary>Reads what was typed into a field, by the rules of its schema, before anything is sent.</summary>
internal static class FieldReader
{
    /// <summary>JSON as people read it.</summary>
    public static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly TimeSpan PatternLimit = TimeSpan.FromMilliseconds(100);

    public static FieldReading Read(FormField field, string text)
    {
        if (text.Length == 0)
        {
            return field.Required ? FieldReading.Wrong("This is needed.") : FieldReading.LeftOut;
        }

        return field.Kind switch
        {
            FieldKind.Text => ReadText(field, text),
            FieldKind.WholeNumber or FieldKind.Number => ReadNumber(field, text.Trim()),
            FieldKind.Boolean => FieldReading.Of(text == "true"),
            FieldKind.Choice => ReadChoice(field, text),
            FieldKind.List => ReadList(field, text),
            _ => ReadJson(text),
        };
    }

    private static FieldReading ReadText(FormField field, string text)
    {
        if (text.Length < field.MinLength)
        {
            return FieldReading.Wrong($"At least {field.MinLength} characters are needed.");
        }

        if (text.Length > field.MaxLength)
        {
            return FieldReading.Wrong($"At most {field.MaxLength} characters are allowed.");
        }

        if (field.Format == "email" && !MailAddress.TryCreate(text, out _))
        {
            return FieldReading.Wrong("This must be an e-mail address.");
        }

        if (field.Format is "uri" && !Uri.TryCreate(text, UriKind.Absolute, out _))
        {
            return FieldReading.Wrong("This must be a whole URL, such as https://example.com/.");
        }

        return field.Pattern is null || Matches(field.Pattern, text)
            ? FieldReading.Of(text)
            : FieldReading.Wrong($"This must match the pattern {field.Pattern}");
    }

    private static bool Matches(string pattern, string text)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, PatternLimit);
        }
        catch (Exception exception) when (exception is ArgumentException or RegexMatchTimeoutException)
        {
            // A pattern that .NET can't judge is left to the server.
            return true;
        }
    }

    private static FieldReading ReadNumber(FormField field, string text)
    {
        JsonNode? value;
        double number;
        if (field.Kind == FieldKind.WholeNumber)
        {
            if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            {
                return FieldReading.Wrong("This must be a whole number.");
            }

            (value, number) = (whole, whole);
        }
        else
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) || !double.IsFinite(number))
            {
                return FieldReading.Wrong("This must be a number, such as 1.5.");
            }

            // Decimal keeps the digits as they were typed.
            value = decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) ? exact : number;
        }

        return Bound(field, number) is { } error ? FieldReading.Wrong(error) : FieldReading.Of(value);
    }

    private static string? Bound(FormField field, double number)
    {
        var tooLittle = field.MinimumIsExclusive ? number <= field.Minimum : number < field.Minimum;
        var tooMuch = field.MaximumIsExclusive ? number >= field.Maximum : number > field.Maximum;
        return tooLittle ? FormattableString.Invariant($"This must be {(field.MinimumIsExclusive ? "more than" : "at least")} {field.Minimum}.")
            : tooMuch ? FormattableString.Invariant($"This must be {(field.MaximumIsExclusive ? "less than" : "at most")} {field.Maximum}.")
            : null;
    }

    private static FieldReading ReadChoice(FormField field, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < field.Choices.Count
            ? FieldReading.Of(field.Choices[index].Value?.DeepClone())
            : FieldReading.Wrong("Choose one of the values.");

    private static FieldReading ReadList(FormField field, string text)
    {
        var lines = text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).ToArray();
        if (lines.Length < field.MinLength)
        {
            return FieldReading.Wrong($"At least {field.MinLength} lines are needed.");
        }

        if (lines.Length > field.MaxLength)
        {
            return FieldReading.Wrong($"At most {field.MaxLength} lines are allowed.");
        }

        var items = new JsonArray();
        for (var i = 0; i < lines.Length; i++)
        {
            var item = Read(field.Item!, lines[i]);
            if (item.Error is not null)
            {
                return FieldReading.Wrong($"Line {i + 1}: {item.Error}");
            }

            items.Add(item.Value);
        }

        return FieldReading.Of(items);
    }

    private static FieldReading ReadJson(string text)
    {
        try
        {
            return FieldReading.Of(JsonNode.Parse(text));
        }
        catch (JsonException exception)
        {
            return FieldReading.Wrong($"This is not JSON: line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}.");
        }
    }
}
