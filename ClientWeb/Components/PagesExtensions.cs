using McpAspire.ClientWeb.Components.Pages;
using McpAspire.ClientWeb.Sessions;
using Microsoft.AspNetCore.Diagnostics;

namespace McpAspire.ClientWeb.Components;

/// <summary>Registers the room with the pages.</summary>
internal static class PagesExtensions
{
    // What a person types into a form arrives as one message.
    private const int MaxMessageBytes = 512 * 1024;

    public static void AddPages(this IHostApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents().AddInteractiveServerComponents()
            .AddHubOptions(options => options.MaximumReceiveMessageSize = MaxMessageBytes);
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddExceptionHandler<ProblemPages>();
    }

    /// <summary>Turns what goes wrong into pages, and keeps pages out of caches, since they are somebody's.</summary>
    public static void UsePages(this WebApplication app)
    {
        app.UseExceptionHandler(static _ => { });
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use(static (context, next) =>
        {
            context.Response.OnStarting(static state => KeepOutOfCaches((HttpResponse)state), context.Response);
            return next(context);
        });
        // Here, so that assets are served before anybody asks the store who is signed in: a page that says it is away has its style.
        app.UseRouting();
    }

    // What names its own caching (assets, the documents about us) keeps it.
    private static Task KeepOutOfCaches(HttpResponse response)
    {
        if (response.Headers.CacheControl.Count == 0)
        {
            response.Headers.CacheControl = "no-store";
        }

        return Task.CompletedTask;
    }

    public static void MapPages(this WebApplication app)
    {
        app.MapStaticAssets().ShortCircuit();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options =>
        {
            // Framing is refused for every response by ServiceDefaults. Uncompressed, a page that mixes secrets with
            // what a stranger sent gives nothing away by its length.
            options.ContentSecurityFrameAncestorsPolicy = null;
            options.DisableWebSocketCompression = true;
        });
    }
}

/// <summary>Answers exceptions with a page: 503 where the store of sign-ins is away, else 500.</summary>
internal sealed class ProblemPages(IServiceScopeFactory scopes) : IExceptionHandler
{
    /// <inheritdoc />
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var page = StoreOutage.IsCauseOf(exception)
            ? Page.Problem(StatusCodes.Status503ServiceUnavailable, "Sign-ins can't be read now", StoreOutage.Message)
            : Page.Problem(StatusCodes.Status500InternalServerError, "Something went wrong", "ClientWeb failed to answer this request. Its log says why.");

        // A scope of its own: the page that failed may have begun to use the request's.
        var failed = httpContext.RequestServices;
        await using var scope = scopes.CreateAsyncScope();
        httpContext.RequestServices = scope.ServiceProvider;
        await page.ExecuteAsync(httpContext);
        httpContext.RequestServices = failed;
        return true;
    }
}
