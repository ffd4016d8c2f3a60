using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Discovery;
using McpAspire.AuthServer.Pages;
using Microsoft.Extensions.Primitives;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Forms;

/// <summary>
/// A form that can't be read, and a query or form that holds NUL, which no database keeps and no person types, is a bad
/// request (RFC 6749 §5.2), whoever would have read it next.
/// </summary>
internal sealed class ReadableInput(RequestDelegate next, AuditLog audit)
{
    private const string HoldsNul = "A parameter holds the character NUL (%00). Leave it out.";
    private const string NoForm = "The body is no form that can be read: it is malformed, has too many fields or a charset that is not known here, or holds the character NUL (%00).";

    public async Task InvokeAsync(HttpContext context)
    {
        if (await FaultAsync(context) is { } fault)
        {
            await RefuseAsync(context, fault);
            return;
        }

        await next(context);
    }

    private static async Task<string?> FaultAsync(HttpContext context)
    {
        if (context.Request.Query.Any(HasNul))
        {
            return HoldsNul;
        }

        try
        {
            // The last three are what a charset ends in that is none, or one that is no longer read (utf-7).
            return context.Request.HasFormContentType && (await context.Request.ReadFormAsync(context.RequestAborted)).Any(HasNul) ? HoldsNul : null;
        }
        catch (Exception exception) when (exception is InvalidDataException or (IOException and not BadHttpRequestException)
            or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            return NoForm;
        }
    }

    private static bool HasNul(KeyValuePair<string, StringValues> parameter) =>
        parameter.Key.Contains('\0', StringComparison.Ordinal) || parameter.Value.Any(value => value?.Contains('\0', StringComparison.Ordinal) == true);

    private Task RefuseAsync(HttpContext context, string fault)
    {
        audit.RequestRefused(context.Request.Path, client: null, Errors.InvalidRequest, fault);
        if (!Endpoints.AnswersInJson(context.Request.Path))
        {
            return PageResult.Error(
                context, "That did not work", "What was sent here can't be read. Go back and try again.", $"{Errors.InvalidRequest}: {fault}")
                .ExecuteAsync(context);
        }

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(new { error = Errors.InvalidRequest, error_description = fault }, context.RequestAborted);
    }
}
