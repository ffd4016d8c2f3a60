using McpAspire.AuthServer.Pages;

namespace McpAspire.AuthServer.Forms;

/// <summary>
/// Marks an endpoint that takes a form which a cookie authenticates, so that the Origin rule finds it however its path
/// is spelt. What is sent to it in another content type is a bad request.
/// </summary>
internal sealed class FormEndpoint
{
    private static readonly FormEndpoint Mark = new();

    private FormEndpoint()
    {
    }

    /// <summary>Maps a form. Its handler checks the antiforgery token itself, to answer with a page.</summary>
    internal static void Map(IEndpointRouteBuilder app, string path, Delegate handler) =>
        app.MapPost(path, handler).DisableAntiforgery().WithMetadata(Mark).AddEndpointFilter(FormsOnly);

    internal static bool IsFor(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<FormEndpoint>() is not null;

    private static async ValueTask<object?> FormsOnly(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Request.HasFormContentType
            ? await next(context)
            : PageResult.Error(context.HttpContext, "That did not work", "This address takes forms of its own page only. Go back and try again.", null);
}
