using McpAspire.AuthServer.Discovery;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Net.Http.Headers;

namespace McpAspire.AuthServer.Pages;

/// <summary>
/// Gives people a page where nothing answers an address, or not the way it was asked. Programs, which do not ask for HTML,
/// get the bare status.
/// </summary>
internal static class NoSuchPage
{
    private const string Html = "text/html";

    internal static void UseNoSuchPage(this WebApplication app) => app.UseStatusCodePages(ShowAsync);

    private static Task ShowAsync(StatusCodeContext status)
    {
        var context = status.HttpContext;
        return !AsksForPage(context.Request) ? Task.CompletedTask : context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => AnswerAsync(context, "There is no such page", "Check the address, or go on from the start."),
            StatusCodes.Status405MethodNotAllowed => AnswerAsync(
                context, "This page can't be used like that", "This address takes what its own pages or programs send. Go on from the start."),
            _ => Task.CompletedTask,
        };
    }

    private static bool AsksForPage(HttpRequest request) =>
        !Endpoints.AnswersInJson(request.Path)
        && MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(type => type.MediaType.Equals(Html, StringComparison.OrdinalIgnoreCase));

    private static Task AnswerAsync(HttpContext context, string title, string advice) =>
        PageResult.Error(context, title, advice, null, context.Response.StatusCode, [new("/", "To the start")]).ExecuteAsync(context);
}
