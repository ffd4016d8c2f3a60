using McpAspire.AuthServer.Clients;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace McpAspire.AuthServer.Pages;

/// <summary>Answers a request with one of our pages: server-rendered, never cached, without scripts of others.</summary>
internal static class PageResult
{
    internal static IResult Show<TPage>(HttpContext context, Dictionary<string, object?> parameters, int status = StatusCodes.Status200OK)
        where TPage : IComponent
    {
        context.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<TPage>(parameters) { StatusCode = status, PreventStreamingRendering = true };
    }

    /// <summary>A page that goes on to one of our own paths by itself, and by a link.</summary>
    internal static IResult Continue(HttpContext context, string url, string title) =>
        Show<ContinuePage>(context, new Dictionary<string, object?> { [nameof(ContinuePage.Url)] = url, [nameof(ContinuePage.Title)] = title });

    internal static IResult Error(
        HttpContext context, string title, string advice, string? detail, int status = StatusCodes.Status400BadRequest, IReadOnlyList<PageLink>? ways = null) =>
        Show<ErrorPage>(context, new Dictionary<string, object?>
        {
            [nameof(ErrorPage.Title)] = title,
            [nameof(ErrorPage.Advice)] = advice,
            [nameof(ErrorPage.Detail)] = detail,
            [nameof(ErrorPage.Ways)] = ways ?? [],
        }, status);

    /// <summary>An OAuth error in plain words, for the person who was sent here with a request that can't be served.</summary>
    internal static IResult OAuthError(HttpContext context, string error, string? description) => Error(
        context,
        "The application's request can't be served",
        error switch
        {
            "invalid_client" when FindClient.MayPass(context) =>
                "We could not make sure which application sent you here. If you trust it, try again in a minute; else close this page.",
            "invalid_client" =>
                "We could not make sure which application sent you here, and trying again does not help. Close this page, or tell the people who run the application.",
            "invalid_scope" => "The application asked for a permission that it may not have here. Tell the people who run it.",
            "invalid_target" => "The application asked for access to a server that is not known here. Check the server's address in the application.",
            "login_required" => "The application expects someone else to sign in. Go back to it and start again; sign in as the person it expects.",
            "temporarily_unavailable" => "Too many requests came from your network. Go back to the application in a minute and start again.",
            "invalid_token" => "This page was already used, or was open for too long. Go back to the application and start again.",
            _ => "The application sent a request that is not valid. Go back to it and start again; if that does not help, tell the people who run it.",
        },
        description is null ? error : $"{error}: {description}");

    internal static IResult Unavailable(HttpContext context) => Error(
        context, "One moment, please", "A part of this service is away just now. Nothing is lost; reload this page in a few seconds.", null,
        StatusCodes.Status503ServiceUnavailable);
}

/// <summary>A way on from a page: always a path of ours.</summary>
public sealed record PageLink(string Href, string Text);
