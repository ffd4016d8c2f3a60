using McpAspire.ClientWeb.Components.Pages;
using McpAspire.ClientWeb.Connections;
using McpAspire.ClientWeb.Connections.Identity;
using McpAspire.ClientWeb.Sessions.OpenPages;
using Microsoft.AspNetCore.Authentication;

namespace McpAspire.ClientWeb.Sessions;

/// <summary>The two ends of signing out: the button, and the way back from the authorization server.</summary>
internal static class SignOutEndpoints
{
    public const string BeginPath = "/signout";

    private static readonly TimeSpan WayThereAndBack = TimeSpan.FromMinutes(10);

    public static void MapSignOut(this IEndpointRouteBuilder app)
    {
        app.MapPost(BeginPath, BeginAsync).AddEndpointFilter<AntiforgeryFilter>();
        app.MapGet(ClientIdentity.SignedOutPath, Finish);
    }

    private static async Task<IResult> BeginAsync(HttpContext context, SignOut signOut)
    {
        var page = PageName.Read(await context.Request.ReadFormAsync());
        var ended = context.User.SessionKey() is { } key ? await signOut.EndAsync(key, page) : null;
        await context.SignOutAsync();
        if (ended is null)
        {
            return Results.LocalRedirect("/");
        }

        var host = ended.Session.Server.Host;
        if (!ended.Revoked)
        {
            return Page.Problem(
                StatusCodes.Status200OK,
                "You are signed out here",
                $"{host} did not answer, so you may still be signed in there. Sign out there too once it answers again.");
        }

        var state = RandomValue.Create();
        if (signOut.EndSessionUrl(ended.Session, state) is not { } url)
        {
            return Page.SignedOut();
        }

        OwnCookies.Set(context.Response, OwnCookies.SignOut, state, WayThereAndBack);
        return Page.Leaving("Signing out", $"You are signed out here. Taking you to {host} to sign out there too.", url);
    }

    private static IResult Finish(HttpContext context, string? state)
    {
        if (state is null || context.Request.Cookies[OwnCookies.SignOut] is not { } begun || !RandomValue.AreSame(state, begun))
        {
            return Page.Problem(
                StatusCodes.Status400BadRequest,
                "No sign-out is under way",
                "This address is the end of a sign-out that was begun in this browser, and there is none.");
        }

        OwnCookies.Remove(context.Response, OwnCookies.SignOut);
        return Page.SignedOut();
    }
}
