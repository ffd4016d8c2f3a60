using System.Text.Json;
using McpAspire.ClientWeb.Mcp.Forms;
using Xunit;

namespace McpAspire.ClientWeb.Tests.Units;

public sealed class ToolFormTests
{
    [Fact]
    public void A_schema_becomes_fields_in_its_order()
    {
        var form = Form("""
            { "type": "object", "required": ["message"],
              "$defs": { "Level": { "enum": ["low", "high"], "description": "How loud." } },
              "properties": {
                "message": { "type": "string", "title": "Message", "description": "What to say.", "minLength": 2, "maxLength": 5 },
                "count": { "type": ["integer", "null"], "minimum": 1, "maximum": 9, "default": 3 },
                "ratio": { "anyOf": [{ "type": "number", "exclusiveMinimum": 0 }, { "type": "null" }] },
                "loud": { "type": "boolean", "default": true },
                "level": { "$ref": "#/$defs/Level" },
                "tags": { "type": "array", "items": { "type": "string" }, "maxItems": 2 },
                "place": { "type": "object", "properties": { "x": { "type": "number" } } } } }
            """);

        Assert.Equal(
            [FieldKind.Text, FieldKind.WholeNumber, FieldKind.Number, FieldKind.Boolean, FieldKind.Choice, FieldKind.List, FieldKind.Json],
            form.Fields.Select(field => field.Kind));
        Assert.Equal(("Message", "What to say.", true), (form.Fields[0].Label, form.Fields[0].Help, form.Fields[0].Required));
        Assert.Equal("3", form["count"]);
        Assert.Equal("true", form["loud"]);
        Assert.Equal("How loud.", form.Fields[4].Help);
        Assert.False(form.Fields[1].Required);
    }

    [Fact]
    public void What_was_typed_becomes_json_of_the_right_types_and_empty_optional_fields_are_left_out()
    {
        var form = Form("""
            { "type": "object", "properties": {
                "text": { "type": "string" }, "count": { "type": "integer" }, "ratio": { "type": "number" }, "loud": { "type": "boolean" },
                "level": { "enum": ["low", 2] }, "tags": { "type": "array", "items": { "type": "integer" } }, "place": { "type": "object" },
                "empty": { "type": "string" } } }
            """);
        (form["text"], form["count"], form["ratio"], form["loud"]) = ("42", "-7", "1.50", "false");
        (form["level"], form["tags"], form["place"]) = ("1", "1\r\n\n 2 ", """{ "x": [1, null] }""");

        Assert.Equal(
            """{"text":"42","count":-7,"ratio":1.50,"loud":false,"level":2,"tags":[1,2],"place":{"x":[1,null]}}""",
            form.ReadArguments()!.ToJsonString());
    }

    [Theory]
    [InlineData("""{ "type": "string" }""", "", "needed")]
    [InlineData("""{ "type": "string", "minLength": 3 }""", "ab", "At least 3")]
    [InlineData("""{ "type": "string", "maxLength": 3 }""", "abcd", "At most 3")]
    [InlineData("""{ "type": "string", "pattern": "^[a-z]+$" }""", "AB", "pattern")]
    [InlineData("""{ "type": "string", "format": "email" }""", "nobody", "e-mail")]
    [InlineData("""{ "type": "string", "format": "uri" }""", "nowhere", "URL")]
    [InlineData("""{ "type": "integer" }""", "1.5", "whole number")]
    [InlineData("""{ "type": "integer" }""", "1e3", "whole number")]
    [InlineData("""{ "type": "integer", "minimum": 1 }""", "0", "at least 1")]
    [InlineData("""{ "type": "number" }""", "1,5", "number")]
    [InlineData("""{ "type": "number" }""", "NaN", "number")]
    [InlineData("""{ "type": "number", "exclusiveMaximum": 2.5 }""", "2.5", "less than 2.5")]
    [InlineData("""{ "enum": ["a"] }""", "7", "Choose")]
    [InlineData("""{ "type": "array", "items": { "type": "integer" } }""", "1\nx", "Line 2")]
    [InlineData("""{ "type": "array", "items": { "type": "string" }, "maxItems": 1 }""", "a\nb", "At most 1")]
    [InlineData("""{ "type": "object" }""", "{ x: 1 }", "not JSON")]
    public void What_the_schema_forbids_is_said_before_anything_is_sent(string schema, string text, string said)
    {
        var form = Form($$"""{ "type": "object", "required": ["it"], "properties": { "it": {{schema}} } }""");
        form["it"] = text;

        Assert.Null(form.ReadArguments());
        Assert.Contains(said, form.ErrorOf("it"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "type": "string", "pattern": "(" }""", "anything")]
    [InlineData("""{ "type": "string", "pattern": "^(a+)+$" }""", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")]
    public void A_pattern_that_can_not_be_judged_is_left_to_the_server(string schema, string text)
    {
        var form = Form($$"""{ "type": "object", "properties": { "it": {{schema}} } }""");
        form["it"] = text;

        Assert.NotNull(form.ReadArguments());
    }

    [Fact]
    public void Titled_alternatives_are_choices()
    {
        var field = Assert.Single(Form("""
            { "properties": { "it": { "oneOf": [ { "const": "a", "title": "First" }, { "const": "b" } ], "default": "b" } } }
            """).Fields);

        Assert.Equal(["First", "b"], field.Choices.Select(choice => choice.Label));
        Assert.Equal("1", field.Initial);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("true")]
    [InlineData("""{ "type": "object", "properties": {} }""")]
    [InlineData("""{ "properties": [] }""")]
    public void A_schema_without_properties_has_no_fields(string schema) => Assert.Empty(Form(schema).Fields);

    [Fact]
    public void A_schema_that_refers_to_itself_comes_to_an_end() =>
        Assert.Single(Form("""{ "properties": { "it": { "$ref": "#/properties/it" } } }""").Fields);

    private static ToolForm Form(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return new ToolForm(document.RootElement.Clone());
    }
}
