using System.Text.Json;

namespace McpAspire.McpServer.Protocol;

/// <summary>
/// Checks a tool's arguments against its input schema, as far as our tools declare: required, type, length, range and
/// the listed values. Each fault is a sentence that tells the caller, often a model, what to send instead.
/// </summary>
internal sealed class ArgumentRules
{
    private readonly List<ArgumentRule> _rules = [];
    private readonly bool _othersAllowed = true;

    private ArgumentRules(JsonElement schema)
    {
        var required = schema.TryGetProperty("required", out var names)
            ? names.EnumerateArray().Select(static name => name.GetString()!).ToHashSet(StringComparer.Ordinal)
            : [];
        if (schema.TryGetProperty("properties", out var properties))
        {
            _rules.AddRange(properties.EnumerateObject()
                .Select(property => ArgumentRule.Read(property.Name, required.Contains(property.Name), property.Value)));
        }

        if (schema.TryGetProperty("additionalProperties", out var additional))
        {
            _othersAllowed = additional.ValueKind != JsonValueKind.False;
        }
    }

    /// <summary>Reads the rules of a schema.</summary>
    /// <param name="schema">A JSON Schema of an object.</param>
    public static ArgumentRules Read(JsonElement schema) => new(schema);

    /// <summary>What is wrong with the arguments; empty where nothing is.</summary>
    /// <param name="arguments">The arguments by name.</param>
    public IReadOnlyDictionary<string, string> Check(IEnumerable<KeyValuePair<string, JsonElement>>? arguments)
    {
        var given = arguments?.ToDictionary(StringComparer.Ordinal) ?? [];
        var faults = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var rule in _rules)
        {
            var fault = given.Remove(rule.Name, out var value) ? rule.Check(value) : rule.Missing;
            if (fault is not null)
            {
                faults[rule.Name] = fault;
            }
        }

        if (!_othersAllowed)
        {
            foreach (var name in given.Keys)
            {
                faults[name] = $"There is no argument '{name}'.";
            }
        }

        return faults;
    }
}
