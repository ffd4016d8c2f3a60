using McpAspire.McpServer.Authorization;
using McpAspire.McpServer.Revocation;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpAspire.McpServer.Protocol;

/// <summary>
/// Runs around every tool call: the scopes once more, on the tool that is really called; the arguments; and the
/// audit event.
/// </summary>
internal static class ToolCallFilter
{
    /// <summary>The filter.</summary>
    /// <param name="next">The call itself.</param>
    public static McpRequestHandler<CallToolRequestParams, CallToolResult> Wrap(McpRequestHandler<CallToolRequestParams, CallToolResult> next) =>
        async (request, cancellationToken) =>
        {
            var services = request.Services!;
            var audit = services.GetRequiredService<AuditLog>();
            var caller = services.GetRequiredService<CurrentCaller>();
            var name = request.Params?.Name ?? "";

            if (request.MatchedPrimitive is not McpServerTool tool)
            {
                audit.ToolRefused(caller, "-", "There is no such tool.");
                return await next(request, cancellationToken);
            }

            var policy = services.GetRequiredService<ToolPolicies>().Of(tool);
            if (!caller.HasAll(policy.Scopes))
            {
                audit.ToolRefused(caller, name, "The token lacks a scope.");
                throw new McpProtocolException($"The tool {name} needs the scopes {string.Join(' ', policy.Scopes)}.", McpErrorCode.InvalidRequest);
            }

            var faults = policy.Arguments.Check(request.Params?.Arguments);
            if (faults.Count > 0)
            {
                var message = string.Join(' ', faults.Values);
                audit.ToolRefused(caller, name, "Its arguments are wrong.");

                // An error result, not a protocol error: the model sees it and can mend its call (MCP tools, "Error Handling").
                return new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = message }] };
            }

            var outcome = "failed";
            try
            {
                var result = await services.GetRequiredService<OpenCalls>().RunAsync(caller, token => next(request, token), cancellationToken);
                outcome = result.IsError is true ? "error" : "done";
                return result;
            }
            catch (CallEndedException)
            {
                outcome = "ended with its token";
                throw;
            }
            finally
            {
                audit.ToolCalled(caller, name, outcome);
            }
        };
}
