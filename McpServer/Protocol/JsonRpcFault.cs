using System.Text.Json;
using ModelContextProtocol;

namespace McpAspire.McpServer.Protocol;

/// <summary>A JSON-RPC error (JSON-RPC 2.0 §5.1) about a message whose id could not be read.</summary>
/// <param name="Code">The error code.</param>
/// <param name="Message">What is wrong.</param>
internal sealed record JsonRpcFault(McpErrorCode Code, string Message)
{
    /// <summary>-32700: not JSON.</summary>
    public static JsonRpcFault ParseError(string message) => new(McpErrorCode.ParseError, message);

    /// <summary>-32600: JSON, but not a message.</summary>
    public static JsonRpcFault InvalidRequest(string message) => new(McpErrorCode.InvalidRequest, message);

    /// <summary>Writes the error as the response.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    public Task WriteAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            writer.WriteNull("id");
            writer.WriteStartObject("error");
            writer.WriteNumber("code", (int)Code);
            writer.WriteString("message", Message);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return context.Response.Body.WriteAsync(buffer.ToArray(), context.RequestAborted).AsTask();
    }
}
