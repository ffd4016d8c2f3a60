using System.Text.Json;
using McpAspire.McpServer.Authorization;
using McpAspire.McpServer.Protocol;
using McpAspire.McpServer.Tools;

namespace McpAspire.McpServer.Rest;

/// <summary><c>POST /tools/secure_echo</c>: the tool as plain REST, with the tool's own rules.</summary>
internal static class SecureEchoEndpoint
{
    private const string WhatToSend = "Send a JSON object like {\"message\": \"Hello\"}.";

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = CallPreview.MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Maps the endpoint.</summary>
    /// <param name="tools">The group of REST tools.</param>
    public static void MapSecureEcho(this IEndpointRouteBuilder tools) => tools.MapPost("/" + SecureEchoTool.Name, AnswerAsync);

    private static async Task AnswerAsync(HttpContext context, CurrentCaller caller, ToolPolicies policies, Refusals refusals, AuditLog audit)
    {
        var policy = policies.Find(SecureEchoTool.Name)!;
        if (!caller.HasAll(policy.Scopes))
        {
            await refusals.InsufficientScopeAsync(context, $"The tool {SecureEchoTool.Name}", policy.Scopes);
            return;
        }

        var result = await EchoAsync(context.Request, caller, policy, audit);
        await result.ExecuteAsync(context);
    }

    private static async Task<IResult> EchoAsync(HttpRequest request, CurrentCaller caller, ToolPolicy policy, AuditLog audit)
    {
        if (!request.HasJsonContentType())
        {
            return Results.Problem($"The body must be JSON, with Content-Type: application/json. {WhatToSend}", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            using var body = await ReadAsync(request);
            if (body.RootElement.ValueKind != JsonValueKind.Object)
            {
                return BadBody("The body is not a JSON object.");
            }

            var arguments = ArgumentsOf(body.RootElement);
            var faults = policy.Arguments.Check(arguments);
            if (faults.Count > 0)
            {
                audit.ToolRefused(caller, SecureEchoTool.Name, "Its arguments are wrong.");
                return BadBody(string.Join(' ', faults.Values));
            }

            audit.ToolCalled(caller, SecureEchoTool.Name, "done");
            return Results.Ok(SecureEchoTool.Echo(arguments["message"].GetString()!, caller));
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Results.Problem("The body is larger than 64 KB.", statusCode: exception.StatusCode);
        }
        catch (JsonException)
        {
            return BadBody("The body is not well-formed JSON.");
        }
    }

    private static async Task<JsonDocument> ReadAsync(HttpRequest request)
    {
        try
        {
            return await JsonDocument.ParseAsync(request.Body, Reading, request.HttpContext.RequestAborted);
        }
        catch (InvalidOperationException exception)
        {
            throw NotText(exception);
        }
    }

    private static Dictionary<string, JsonElement> ArgumentsOf(JsonElement body)
    {
        try
        {
            return body.EnumerateObject().ToDictionary(static member => member.Name, static member => member.Value);
        }
        catch (InvalidOperationException exception)
        {
            throw NotText(exception);
        }
    }

    // A name like "\ud800": half of a surrogate pair (RFC 8259 §8.2).
    private static JsonException NotText(InvalidOperationException exception) => new("A member's name is no Unicode text.", exception);

    private static IResult BadBody(string what) => Results.Problem($"{what} {WhatToSend}", statusCode: StatusCodes.Status400BadRequest);
}
