using McpAspire.McpServer.Authorization;
using McpAspire.McpServer.Revocation;

namespace McpAspire.McpServer.Protocol;

/// <summary>
/// Looks at each MCP message before it is dispatched: it must be well-formed, and the token must carry every scope
/// that the call needs. Only here can a refusal still be an HTTP 403 with a challenge (MCP authorization, "Scope
/// Challenge Handling"); inside the protocol it would be an error in a 200.
/// </summary>
internal sealed class CallGate(RequestDelegate next, ToolPolicies policies, OpenMessages openMessages, RevocationMirror revocations, Refusals refusals, AuditLog audit)
{
    /// <summary>Lets the call through or refuses it.</summary>
    /// <param name="context">An authenticated request.</param>
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<GatedEndpoint>() is null
            || context.Features.Get<CurrentCaller>() is not { } caller)
        {
            await next(context);
            return;
        }

        // A token that may not talk to this server is told so before its message is looked at.
        if (!caller.HasAll(ToolPolicies.EveryCall))
        {
            await refusals.InsufficientScopeAsync(context, "This server", ToolPolicies.EveryCall);
            return;
        }

        CallPreview preview;
        try
        {
            preview = HttpMethods.IsPost(context.Request.Method) ? await PeekAsync(context) : default;
        }
        catch (BadHttpRequestException exception)
        {
            await RefuseAsync(context, JsonRpcFault.InvalidRequest(BodyFault(exception)), exception.StatusCode);
            return;
        }

        if (preview.Fault is { } fault)
        {
            await RefuseAsync(context, fault, StatusCodes.Status400BadRequest);
        }
        else if (!revocations.IsFresh && !openMessages.Cover(preview))
        {
            await refusals.CannotCheckAsync(context, new RevocationsUnknownException().Message);
        }
        else if (preview.ToolName is { } tool && policies.Find(tool) is { } policy && !caller.HasAll(policy.Scopes))
        {
            await refusals.InsufficientScopeAsync(context, $"The tool {tool}", policy.Scopes);
        }
        else
        {
            await next(context);
        }
    }

    private Task RefuseAsync(HttpContext context, JsonRpcFault fault, int status)
    {
        audit.Refused(context, fault.Code.ToString(), fault.Message);
        return fault.WriteAsync(context, status);
    }

    /// <summary>Reads the whole body and leaves it where it is, for the endpoint to read again from the same buffers.</summary>
    private static async Task<CallPreview> PeekAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (!read.IsCompleted)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            var preview = CallPreview.Read(read.Buffer);
            reader.AdvanceTo(read.Buffer.Start);
            return preview;
        }
    }

    private static string BodyFault(BadHttpRequestException exception) =>
        exception.StatusCode == StatusCodes.Status413PayloadTooLarge
            ? $"The body is larger than {ProtocolExtensions.MaxBodyBytes / 1024 / 1024} MB."
            : "The body could not be read.";
}

/// <summary>Marks the endpoints whose messages the <see cref="CallGate"/> looks at.</summary>
internal sealed class GatedEndpoint;
