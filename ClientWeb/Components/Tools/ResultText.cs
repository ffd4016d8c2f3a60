using System.Text.Json;
using System.Text.Json.Nodes;
using McpAspire.ClientWeb.Mcp.Forms;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace McpAspire.ClientWeb.Components.Tools;

/// <summary>Readings of a tool's result.</summary>
internal static class ResultText
{
    private static readonly string[] ImageTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"];

    private static readonly JsonSerializerOptions Indented = new(McpJsonUtilities.DefaultOptions)
    {
        WriteIndented = true,
        Encoder = FieldReader.Readable.Encoder,
    };

    /// <summary>The whole result as JSON.</summary>
    public static string Raw(CallToolResult result) => JsonSerializer.Serialize(result, Indented);

    /// <summary>True where a text is the same JSON as a value.</summary>
    public static bool IsSameJson(string text, JsonElement value)
    {
        try
        {
            return JsonNode.DeepEquals(JsonNode.Parse(text), JsonNode.Parse(value.GetRawText()));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>A data URL for an image of a type that can't carry script, or null.</summary>
    public static string? ImageSource(ImageContentBlock image) =>
        ImageTypes.Contains(image.MimeType, StringComparer.OrdinalIgnoreCase)
            ? $"data:{image.MimeType};base64,{Convert.ToBase64String(image.DecodedData.Span)}"
            : null;
}
