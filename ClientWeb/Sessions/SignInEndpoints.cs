using McpAspire.ClientWeb.Components.Pages;
using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Connections.Authorization;
using McpAspire.ClientWeb.Connections.Identity;
using Microsoft.AspNetCore.Authentication;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>The two ends of signing in: the button, and the answer of the authorization server.</summary>
internal static class SignInEndpoints
{
    public const string BeginPath = "/signin";

    /// <summary>The form's field that says where the person goes afterwards.</summary>
    public const string ReturnPathField = "returnPath";

    // It is kept until the answer comes, and anybody can send one.
    private const int MaxReturnPathLength = 2048;

    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        app.MapPost(BeginPath, BeginAsync).AddEndpointFilter<AntiforgeryFilter>().RequireRateLimiting(SignInLimit.Policy);
        app.MapGet(ClientIdentity.CallbackPath, FinishAsync);
    }

    private static async Task<IResult> BeginAsync(HttpContext context, SignIn signIn)
    {
        var form = await context.Request.ReadFormAsync();
        try
        {
            var browser = RememberBrowser(context);
            var request = await signIn.BeginAsync(browser, LocalPath(form[ReturnPathField]), context.RequestAborted);
            // A page in between: the CSP's form-action would apply to every redirect that follows a form.
            return Page.Leaving("Signing in", $"Taking you to {request.Pending.Server.Host} to sign in.", request.Url);
        }
        catch (ConnectionException exception)
        {
            return Page.Problem(
                exception.Passing ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status502BadGateway,
                "Signing in is not possible now",
                exception.Message);
        }
    }

    private static async Task<IResult> FinishAsync(HttpContext context, SignIn signIn, SessionStore sessions)
    {
        try
        {
            var response = AuthorizationResponse.Read(context.Request.Query);
            var finished = await signIn.FinishAsync(response, context.Request.Cookies[OwnCookies.SignIn], context.RequestAborted);
            if (context.User.SessionKey() is { } previous)
            {
                await sessions.EndAsync(previous);
            }

            await context.SignInAsync(SessionCookie.CookieFor(finished.SessionKey));
            return Results.LocalRedirect(finished.ReturnPath);
        }
        catch (SignInRefusedException exception)
        {
            return Page.Problem(StatusCodes.Status400BadRequest, "You were not signed in", exception.Message);
        }
    }

    // One value per browser, so that two tabs can sign in at once.
    private static string RememberBrowser(HttpContext context)
    {
        var value = context.Request.Cookies[OwnCookies.SignIn] is { Length: 43 } present ? present : RandomValue.Create();
        OwnCookies.Set(context.Response, OwnCookies.SignIn, value, PendingAuthorizationStore.Lifetime);
        return value;
    }

    // A path of ours only: "//host" and "/\host" lead elsewhere.
    private static string LocalPath(string? path) =>
        path is ['/', ..] && path.Length <= MaxReturnPathLength && path is not ['/', '/' or '\\', ..] && !path.Any(char.IsControl) ? path : "/";
}
