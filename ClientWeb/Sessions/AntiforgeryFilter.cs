using McpAspire.ClientWeb.Components.Pages;
using Microsoft.AspNetCore.Antiforgery;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>Lets a form's POST through only with the token that our own page put into it.</summary>
internal sealed class AntiforgeryFilter(IAntiforgery antiforgery) : IEndpointFilter
{
    /// <inheritdoc />
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        await antiforgery.IsRequestValidAsync(context.HttpContext)
            ? await next(context)
            : Page.Problem(
                StatusCodes.Status400BadRequest,
                "This page was out of date",
                "The form you sent does not belong to this browser's sign-in any more. Go back to the start and try again.");
}
