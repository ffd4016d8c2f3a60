using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpAspire.ClientWeb.Mcp.Forms;

/// <summary>A tool's form while it is being filled in.</summary>
public sealed class ToolForm
{
    private readonly Dictionary<string, string> _texts;
    private readonly Dictionary<string, string> _errors = [];

    /// <summary>Makes the form with the schema's defaults.</summary>
    /// <param name="inputSchema">The tool's input schema.</param>
    public ToolForm(JsonElement inputSchema)
    {
        Fields = SchemaReader.Read(inputSchema);
        _texts = Fields.ToDictionary(field => field.Name, field => field.Initial);
    }

    /// <summary>The fields.</summary>
    public IReadOnlyList<FormField> Fields { get; }

    /// <summary>True where the last reading found an error.</summary>
    public bool HasErrors => _errors.Count > 0;

    /// <summary>The text of a field.</summary>
    /// <param name="name">The field's name.</param>
    public string this[string name]
    {
        get => _texts[name];
        set => _texts[name] = value.ReplaceLineEndings("\n");
    }

    /// <summary>What is wrong with a field, as far as known.</summary>
    /// <param name="name">The field's name.</param>
    public string? ErrorOf(string name) => _errors.GetValueOrDefault(name);

    /// <summary>Reads all fields.</summary>
    /// <returns>The arguments, or null where a field is wrong: <see cref="ErrorOf"/> then says what.</returns>
    public JsonObject? ReadArguments()
    {
        _errors.Clear();
        var arguments = new JsonObject();
        foreach (var field in Fields)
        {
            var reading = FieldReader.Read(field, _texts[field.Name]);
            if (reading.Error is not null)
            {
                _errors[field.Name] = reading.Error;
            }
            else if (!reading.IsLeftOut)
            {
                arguments[field.Name] = reading.Value;
            }
        }

        return HasErrors ? null : arguments;
    }
}
