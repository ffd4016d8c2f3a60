using System.Text.Json;
using Bunit;
using McpAspire.ClientWeb.Components.Tools;
using McpAspire.ClientWeb.Mcp.Forms;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpAspire.ClientWeb.Tests.Units;

public sealed class ComponentTests : BunitContext
{
    [Fact]
    public void A_field_with_an_error_is_tied_to_its_help_and_its_error()
    {
        var field = new FormField { Name = "message", Label = "Message", Help = "What to say.", Kind = FieldKind.Text, Required = true };
        var shown = Render<FieldInput>(parameters => parameters
            .Add(input => input.Id, "a").Add(input => input.Field, field).Add(input => input.Text, "x").Add(input => input.Error, "This is needed."));

        var input = shown.Find("#a");
        Assert.Equal("a-help a-error", input.GetAttribute("aria-describedby"));
        Assert.Equal("true", input.GetAttribute("aria-invalid"));
        Assert.Equal("true", input.GetAttribute("aria-required"));
        Assert.Equal("What to say.", shown.Find("#a-help").TextContent);
        Assert.Equal("a", shown.Find("label").GetAttribute("for"));
    }

    [Fact]
    public void Structured_content_is_a_table_and_is_not_repeated_as_text()
    {
        var shown = Result(new CallToolResult
        {
            StructuredContent = Json("""{ "name": "Alice", "notes": [ { "id": 1 }, { "id": 2 } ] }"""),
            Content = [new TextContentBlock { Text = """{"name":"Alice","notes":[{"id":1},{"id":2}]}""" }, new TextContentBlock { Text = "two notes" }],
        });

        Assert.Equal("Alice", shown.Find("table.members > tbody > tr > td").TextContent);
        Assert.Equal(2, shown.FindAll("table.rows tbody tr").Count);
        Assert.Equal("two notes", Assert.Single(shown.FindAll("pre.text")).TextContent);
    }

    [Fact]
    public void What_a_tool_returns_is_text_and_never_markup()
    {
        var shown = Result(new CallToolResult { Content = [new TextContentBlock { Text = "<script>alert(1)</script>" }] });

        Assert.Empty(shown.FindAll("script"));
        Assert.Contains("<script>alert(1)</script>", shown.Find("pre.text").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image/png", true)]
    [InlineData("image/svg+xml", false)]
    [InlineData("text/html", false)]
    public void Only_images_that_carry_no_script_are_shown(string type, bool isShown)
    {
        var shown = Result(new CallToolResult { Content = [ImageContentBlock.FromBytes(new byte[] { 1, 2, 3 }, type)] });

        Assert.Equal(isShown, shown.FindAll("img").Count == 1);
    }

    [Fact]
    public void An_error_of_the_tool_is_named_one()
    {
        var shown = Result(new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = "no" }] });

        Assert.Equal("The tool reported an error", shown.Find("h3").TextContent);
    }

    [Fact]
    public void Hints_are_shown_only_where_the_server_gives_them()
    {
        Assert.Empty(ToolText.HintsOf(new Tool { Name = "x" }));
        Assert.Equal(
            ["may delete or overwrite", "safe to repeat"],
            ToolText.HintsOf(new Tool { Name = "x", Annotations = new() { DestructiveHint = true, IdempotentHint = true } }).Select(hint => hint.Text));
    }

    private IRenderedComponent<ResultView> Result(CallToolResult result) =>
        Render<ResultView>(parameters => parameters.Add(view => view.Result, result));

    private static JsonElement Json(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
