using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpAspire.ClientWeb.Mcp.Forms;

/// <summary>
/// Makes a form from a tool's <c>inputSchema</c> (JSON Schema 2020-12). What has no field of its own becomes a field
/// for JSON, so that every tool can be called.
/// </summary>
internal static class SchemaReader
{
    private const int MaxReferences = 16;

    /// <summary>The fields of a tool, the required ones marked, in the schema's order.</summary>
    public static IReadOnlyList<FormField> Read(JsonElement inputSchema)
    {
        if (JsonNode.Parse(inputSchema.GetRawText()) is not JsonObject root)
        {
            return [];
        }

        var schema = Resolve(root, root);
        var required = (schema["required"] as JsonArray)?.Select(Text).ToHashSet() ?? [];
        return schema["properties"] is JsonObject properties
            ? [.. properties.Select(property => Field(property.Key, property.Value, root, required.Contains(property.Key)))]
            : [];
    }

    private static FormField Field(string name, JsonNode? property, JsonObject root, bool required)
    {
        var schema = property is JsonObject members ? Resolve(members, root) : [];
        var choices = Choices(schema);
        var item = choices.Count == 0 && Type(schema) == "array" ? Item(schema, root) : null;
        var kind = choices.Count > 0 ? FieldKind.Choice : Kind(schema, item);
        var isList = kind == FieldKind.List;
        return new FormField
        {
            Name = name,
            Label = Text(schema["title"]) ?? name,
            Help = Text(schema["description"]),
            Kind = kind,
            Required = required,
            Choices = choices,
            Item = item,
            Initial = Initial(schema["default"], kind, choices),
            Minimum = Number(schema["minimum"]) ?? Number(schema["exclusiveMinimum"]),
            Maximum = Number(schema["maximum"]) ?? Number(schema["exclusiveMaximum"]),
            MinimumIsExclusive = schema["minimum"] is null && schema["exclusiveMinimum"] is not null,
            MaximumIsExclusive = schema["maximum"] is null && schema["exclusiveMaximum"] is not null,
            MinLength = (int?)Number(schema[isList ? "minItems" : "minLength"]),
            MaxLength = (int?)Number(schema[isList ? "maxItems" : "maxLength"]),
            Pattern = Text(schema["pattern"]),
            Format = Text(schema["format"]),
        };
    }

    private static FieldKind Kind(JsonObject schema, FormField? item) => Type(schema) switch
    {
        "string" => FieldKind.Text,
        "integer" => FieldKind.WholeNumber,
        "number" => FieldKind.Number,
        "boolean" => FieldKind.Boolean,
        "array" when item is { Kind: FieldKind.Text or FieldKind.WholeNumber or FieldKind.Number } => FieldKind.List,
        _ => FieldKind.Json,
    };

    private static FormField? Item(JsonObject schema, JsonObject root) =>
        schema["items"] is JsonObject items ? Field("", items, root, required: true) : null;

    // Follows $ref within the document, and takes the one alternative that is not null.
    private static JsonObject Resolve(JsonObject schema, JsonObject root)
    {
        for (var i = 0; i < MaxReferences; i++)
        {
            if (Target(schema, root) is not { } target)
            {
                return schema;
            }

            var merged = (JsonObject)target.DeepClone();
            foreach (var (name, value) in schema.Where(member => member.Key is "title" or "description" or "default"))
            {
                merged[name] = value?.DeepClone();
            }

            schema = merged;
        }

        return schema;
    }

    private static JsonObject? Target(JsonObject schema, JsonObject root)
    {
        if (Text(schema["$ref"]) is ['#', .. var pointer])
        {
            return pointer.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate((JsonNode?)root, static (node, step) =>
                (node as JsonObject)?[step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)]) as JsonObject;
        }

        var alternatives = ((schema["anyOf"] ?? schema["oneOf"]) as JsonArray)?.OfType<JsonObject>().Where(one => Text(one["type"]) != "null").ToArray();
        return alternatives is [var only] ? only : null;
    }

    private static string? Type(JsonObject schema) => schema["type"] switch
    {
        JsonArray several => several.Select(Text).FirstOrDefault(type => type != "null"),
        var one => Text(one),
    };

    private static List<FieldChoice> Choices(JsonObject schema)
    {
        if (schema["enum"] is JsonArray values)
        {
            var names = schema["enumNames"] as JsonArray;
            return [.. values.Where(value => value is not null).Select((value, i) =>
                new FieldChoice(value, Text(names?.ElementAtOrDefault(i)) ?? Plain(value)))];
        }

        var titled = ((schema["oneOf"] ?? schema["anyOf"]) as JsonArray)?.OfType<JsonObject>().ToArray();
        return titled is { Length: > 0 } && titled.All(one => one.ContainsKey("const"))
            ? [.. titled.Select(one => new FieldChoice(one["const"], Text(one["title"]) ?? Plain(one["const"])))]
            : [];
    }

    private static string Initial(JsonNode? value, FieldKind kind, List<FieldChoice> choices) => value switch
    {
        null => "",
        _ when kind == FieldKind.Choice => Index(value, choices),
        JsonArray items when kind == FieldKind.List => string.Join('\n', items.Select(Plain)),
        _ when kind == FieldKind.Json => value.ToJsonString(FieldReader.Readable),
        _ => Plain(value),
    };

    private static string Index(JsonNode value, List<FieldChoice> choices)
    {
        var index = choices.FindIndex(choice => JsonNode.DeepEquals(choice.Value, value));
        return index < 0 ? "" : index.ToString(CultureInfo.InvariantCulture);
    }

    private static string Plain(JsonNode? value) => Text(value) ?? value?.ToJsonString() ?? "null";

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;
}
