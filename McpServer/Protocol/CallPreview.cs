using System.Buffers;
using System.Text.Json;

namespace McpAspire.McpServer.Protocol;

/// <summary>
/// What must be known of a JSON-RPC message before it is let in: that it is well-formed, and the tool that it calls.
/// Read in one pass over the request's buffers, without building a document.
/// </summary>
/// <param name="ToolName">The tool of a <c>tools/call</c>; null for every other message.</param>
/// <param name="Fault">What is wrong, if something is.</param>
internal readonly record struct CallPreview(string? ToolName, JsonRpcFault? Fault)
{
    /// <summary>The deepest nesting that is read.</summary>
    public const int MaxDepth = 64;

    /// <summary>Reads a message.</summary>
    /// <param name="body">The whole body.</param>
    public static CallPreview Read(ReadOnlySequence<byte> body)
    {
        // One level more than allowed, so that too deep a document gets its own message.
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth + 1 });
        try
        {
            return ReadMessage(ref reader);
        }
        catch (JsonException exception)
        {
            return Faulty(JsonRpcFault.ParseError($"The body is not well-formed JSON. {exception.Message}"));
        }
        catch (InvalidOperationException)
        {
            return Faulty(JsonRpcFault.ParseError("The body is not well-formed JSON. A string in it is not UTF-8."));
        }
    }

    private static CallPreview ReadMessage(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return Faulty(JsonRpcFault.InvalidRequest("The body must be one JSON-RPC message, an object. Batches are not taken."));
        }

        string? method = null, tool = null;
        var seen = Members.None;
        var inParams = false;
        while (reader.Read())
        {
            if (reader.CurrentDepth >= MaxDepth && reader.TokenType is (JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                return Faulty(JsonRpcFault.ParseError($"The body is nested deeper than {MaxDepth} levels."));
            }

            var member = reader.TokenType != JsonTokenType.PropertyName ? Members.None : reader.CurrentDepth switch
            {
                1 => Is(ref reader, "method") ? Members.Method : Is(ref reader, "params") ? Members.Params : Members.None,
                2 when inParams => Is(ref reader, "name") ? Members.Name : Members.None,
                _ => Members.None,
            };
            inParams = member == Members.Params || (inParams && !(reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1));
            if (member == Members.None)
            {
                continue;
            }

            // A member given twice could name one tool here and another to who reads it next.
            if ((seen & member) != 0)
            {
                return Faulty(JsonRpcFault.InvalidRequest($"The message gives '{member.ToString().ToLowerInvariant()}' twice."));
            }

            seen |= member;
            if (member != Members.Params)
            {
                reader.Read();
                var value = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                (method, tool) = member == Members.Method ? (value, tool) : (method, value);
            }
        }

        return new CallPreview(method == "tools/call" ? tool : null, null);
    }

    // Readers further on may ignore case, so this one does.
    private static bool Is(ref Utf8JsonReader reader, string name) =>
        string.Equals(reader.GetString(), name, StringComparison.OrdinalIgnoreCase);

    private static CallPreview Faulty(JsonRpcFault fault) => new(null, fault);

    [Flags]
    private enum Members
    {
        None = 0,
        Method = 1,
        Params = 2,
        Name = 4,
    }
}
