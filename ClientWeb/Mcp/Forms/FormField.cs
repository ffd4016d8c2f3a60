using System.Text.Json.Nodes;

namespace McpAspire.ClientWeb.Mcp.Forms;

/// <summary>How a field is filled in.</summary>
public enum FieldKind
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    WholeNumber,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Yes or no.</summary>
    Boolean,

    /// <summary>One of some values.</summary>
    Choice,

    /// <summary>Several simple values, one a line.</summary>
    List,

    /// <summary>Anything else, written as JSON.</summary>
    Json,
}

/// <summary>A value to choose.</summary>
/// <param name="Value">The value.</param>
/// <param name="Label">What is shown for it.</param>
public sealed record FieldChoice(JsonNode? Value, string Label);

/// <summary>One argument of a tool, as a field of a form: what its JSON schema says about it.</summary>
public sealed record FormField
{
    /// <summary>The argument's name.</summary>
    public required string Name { get; init; }

    /// <summary>What is shown as its name.</summary>
    public required string Label { get; init; }

    /// <summary>How it is filled in.</summary>
    public required FieldKind Kind { get; init; }

    /// <summary>Help text: the schema's description.</summary>
    public string? Help { get; init; }

    /// <summary>True where it must be given.</summary>
    public bool Required { get; init; }

    /// <summary>The text that the field begins with: the schema's default.</summary>
    public string Initial { get; init; } = "";

    /// <summary>The values of a <see cref="FieldKind.Choice"/>.</summary>
    public IReadOnlyList<FieldChoice> Choices { get; init; } = [];

    /// <summary>What the items of a <see cref="FieldKind.List"/> are.</summary>
    public FormField? Item { get; init; }

    /// <summary>The least value.</summary>
    public double? Minimum { get; init; }

    /// <summary>The greatest value.</summary>
    public double? Maximum { get; init; }

    /// <summary>True where <see cref="Minimum"/> itself is too little.</summary>
    public bool MinimumIsExclusive { get; init; }

    /// <summary>True where <see cref="Maximum"/> itself is too much.</summary>
    public bool MaximumIsExclusive { get; init; }

    /// <summary>The least number of characters, or of items of a list.</summary>
    public int? MinLength { get; init; }

    /// <summary>The greatest number of characters, or of items of a list.</summary>
    public int? MaxLength { get; init; }

    /// <summary>A regular expression that text must contain a match of.</summary>
    public string? Pattern { get; init; }

    /// <summary>The schema's format of text, such as <c>email</c>.</summary>
    public string? Format { get; init; }
}
