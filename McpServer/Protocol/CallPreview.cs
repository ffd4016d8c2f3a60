using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace McpAspire.McpServer.Protocol;

/// <summary>
/// What must be known of a JSON-RPC message before it is let in: that it is well-formed, and the tool that it calls.
/// Read in one pass over the request's buffers, without building a document.
/// </summary>
/// <param name="Method">The method; null where there is none, as in an answer.</param>
/// <param name="ToolName">The tool of a <c>tools/call</c>; null for every other message.</param>
/// <param name="Fault">What is wrong, if something is.</param>
internal readonly record struct CallPreview(string? Method, string? ToolName, JsonRpcFault? Fault)
{
    /// <summary>The deepest nesting that is read.</summary>
    public const int MaxDepth = 64;

    /// <summary>Reads a message.</summary>
    /// <param name="body">The whole body.</param>
    public static CallPreview Read(ReadOnlySequence<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject
                ? ReadMessage(ref reader)
                : Faulty(JsonRpcFault.InvalidRequest("The body must be one JSON-RPC message, an object. Batches are not taken."));
        }
        catch (JsonException exception)
        {
            return Faulty(JsonRpcFault.ParseError($"The body can't be read as JSON. {exception.Message}"));
        }
        catch (InvalidOperationException)
        {
            return Faulty(JsonRpcFault.ParseError("The body can't be read as JSON. A string in it is no Unicode text: half of a surrogate pair, or bytes that are not UTF-8."));
        }
    }

    private static CallPreview Faulty(JsonRpcFault fault) => new(null, null, fault);

    private static CallPreview ReadMessage(ref Utf8JsonReader reader)
    {
        string? method = null, name = null;
        bool hasMethod = false, hasParams = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(ref reader, "method"))
            {
                OnlyOnce(ref hasMethod, "method");
                method = ReadString(ref reader);
            }
            else if (Is(ref reader, "params"))
            {
                OnlyOnce(ref hasParams, "params");
                name = ReadNameOfParams(ref reader);
            }
            else
            {
                PassOver(ref reader);
            }
        }

        // Nothing may follow the message: the reader throws if something does.
        reader.Read();
        return new CallPreview(method, method == "tools/call" ? name : null, null);
    }

    private static string? ReadNameOfParams(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            PassOver(ref reader);
            return null;
        }

        string? name = null;
        var hasName = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(ref reader, "name"))
            {
                OnlyOnce(ref hasName, "name");
                name = ReadString(ref reader);
            }
            else
            {
                PassOver(ref reader);
            }
        }

        return name;
    }

    // Readers further on may ignore case, so this one does.
    private static bool Is(ref Utf8JsonReader reader, string name) =>
        string.Equals(reader.GetString(), name, StringComparison.OrdinalIgnoreCase);

    private static string? ReadString(ref Utf8JsonReader reader)
    {
        reader.Read();
        var value = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        PassOver(ref reader);
        return value;
    }

    // What is not looked at here is read by others, who can do nothing with a string that is no text.
    private static void PassOver(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
        }

        var depth = reader.CurrentDepth;
        CheckText(ref reader);
        while (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray || reader.CurrentDepth > depth)
        {
            reader.Read();
            CheckText(ref reader);
        }
    }

    private static void CheckText(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName
            && (reader.ValueIsEscaped || reader.HasValueSequence || !Utf8.IsValid(reader.ValueSpan)))
        {
            _ = reader.GetString();
        }
    }

    // A member given twice could name one tool here and another to who reads it next.
    private static void OnlyOnce(ref bool seen, string member)
    {
        if (seen)
        {
            throw new JsonException($"The message gives '{member}' twice.");
        }

        seen = true;
    }
}
