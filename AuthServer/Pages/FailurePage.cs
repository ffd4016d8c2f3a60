using McpAspire.AuthServer.Discovery;
using Microsoft.AspNetCore.Http.Features;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Pages;

/// <summary>
/// What is shown where something failed that nobody foresaw: a plain page, in Development too, since the framework's
/// own shows cookies and queries. Programs get an OAuth error in JSON.
/// </summary>
internal static class FailurePage
{
    internal static void UseFailurePage(this WebApplication app) => app.UseExceptionHandler(new ExceptionHandlerOptions
    {
        ExceptionHandler = context => Endpoints.AnswersInJson(context.Request.Path) ? JsonAsync(context) : PageResult.Error(
            context, "That did not work", "Something failed here. Go back and try again; if it fails again, tell the people who run this service.", null,
            context.Response.StatusCode).ExecuteAsync(context),
        StatusCodeSelector = exception => exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
    });

    private static Task JsonAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (error, description) = context.Response.StatusCode switch
        {
            StatusCodes.Status413PayloadTooLarge =>
                (Errors.InvalidRequest, $"The request is larger than {context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize} bytes."),
            < StatusCodes.Status500InternalServerError => (Errors.InvalidRequest, "The request could not be read."),
            _ => (Errors.ServerError, "Something failed here. Try again; if it fails again, tell the people who run this service."),
        };
        return context.Response.WriteAsJsonAsync(new { error, error_description = description }, context.RequestAborted);
    }
}
