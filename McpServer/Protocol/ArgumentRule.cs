using System.Globalization;
using System.Text.Json;

namespace McpAspire.McpServer.Protocol;

/// <summary>What one argument must be.</summary>
internal sealed class ArgumentRule
{
    private readonly HashSet<string> _types;
    private readonly int? _minLength;
    private readonly int? _maxLength;
    private readonly decimal? _minimum;
    private readonly decimal? _maximum;
    private readonly string[]? _values;

    private ArgumentRule(string name, bool required, JsonElement schema)
    {
        Name = name;
        Missing = required ? $"The argument '{name}' is missing." : null;
        _types = TypesOf(schema);
        _minLength = (int?)NumberOf(schema, "minLength");
        _maxLength = (int?)NumberOf(schema, "maxLength");
        _minimum = NumberOf(schema, "minimum");
        _maximum = NumberOf(schema, "maximum");
        _values = Member(schema, "enum") is { ValueKind: JsonValueKind.Array } values
            ? [.. values.EnumerateArray().Select(TextOf)]
            : null;
    }

    /// <summary>The argument's name.</summary>
    public string Name { get; }

    /// <summary>What to say where it is not given; null where it may be left out.</summary>
    public string? Missing { get; }

    /// <summary>Reads the rule from the argument's schema.</summary>
    public static ArgumentRule Read(string name, bool required, JsonElement schema) => new(name, required, schema);

    /// <summary>What is wrong with a value, or null.</summary>
    /// <param name="value">The value.</param>
    public string? Check(JsonElement value)
    {
        if (_types.Count > 0 && !_types.Overlaps(TypesOfValue(value)))
        {
            return $"The argument '{Name}' must be of type {string.Join(" or ", _types)}, not {TypesOfValue(value)[0]}.";
        }

        if (!IsText(value))
        {
            return $"The argument '{Name}' holds half of a surrogate pair: it must be Unicode text.";
        }

        if (_values is not null && !_values.Contains(TextOf(value), StringComparer.Ordinal))
        {
            return $"The argument '{Name}' must be one of: {string.Join(", ", _values)}.";
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => CheckLength(value.GetString()!),
            JsonValueKind.Number => CheckRange(value),
            _ => null,
        };
    }

    // "\ud800" is well-formed JSON and still no string that can be read (RFC 8259 §8.2).
    private static bool IsText(JsonElement value)
    {
        try
        {
            return value.ValueKind != JsonValueKind.String || value.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    // JSON Schema counts characters, not UTF-16 units.
    private string? CheckLength(string text)
    {
        if (_minLength is null && _maxLength is null)
        {
            return null;
        }

        var length = text.EnumerateRunes().Count();
        return length > _maxLength
            ? $"The argument '{Name}' has {Format(length)} characters; at most {Format(_maxLength.Value)} are allowed."
            : length < _minLength
                ? $"The argument '{Name}' must have at least {Format(_minLength.Value)} characters."
                : null;
    }

    private string? CheckRange(JsonElement value)
    {
        if (_minimum is null && _maximum is null)
        {
            return null;
        }

        return !value.TryGetDecimal(out var number) || number < _minimum || number > _maximum
            ? $"The argument '{Name}' must be between {_minimum?.ToString(CultureInfo.InvariantCulture) ?? "any"} and {_maximum?.ToString(CultureInfo.InvariantCulture) ?? "any"}."
            : null;
    }

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.Null ? "null" : value.ToString();

    private static string Format(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static HashSet<string> TypesOf(JsonElement schema) => Member(schema, "type") switch
    {
        { ValueKind: JsonValueKind.String } type => [type.GetString()!],
        { ValueKind: JsonValueKind.Array } types => [.. types.EnumerateArray().Select(static type => type.GetString()!)],
        _ => [],
    };

    private static string[] TypesOfValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => ["string"],
        JsonValueKind.Number => value.TryGetDecimal(out var number) && number == decimal.Truncate(number) ? ["number", "integer"] : ["number"],
        JsonValueKind.True or JsonValueKind.False => ["boolean"],
        JsonValueKind.Array => ["array"],
        JsonValueKind.Object => ["object"],
        _ => ["null"],
    };

    private static decimal? NumberOf(JsonElement schema, string member) =>
        Member(schema, member) is { ValueKind: JsonValueKind.Number } value ? value.GetDecimal() : null;

    private static JsonElement? Member(JsonElement schema, string member) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(member, out var value) ? value : null;
}
