namespace McpAspire.AuthServer.Pages;

/// <summary>
/// What is shown where something failed that nobody foresaw: a plain page, in Development too, since the framework's
/// own shows cookies and queries.
/// </summary>
internal static class FailurePage
{
    internal static void UseFailurePage(this WebApplication app) => app.UseExceptionHandler(new ExceptionHandlerOptions
    {
        ExceptionHandler = context => PageResult.Error(
            context, "That did not work", "Something failed here. Go back and try again; if it fails again, tell the people who run this service.", null,
            context.Response.StatusCode).ExecuteAsync(context),
        StatusCodeSelector = exception => exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
    });
}
