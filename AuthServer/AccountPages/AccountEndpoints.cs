using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Forms;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Pages;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.SignOut;

namespace McpAspire.AuthServer.AccountPages;

/// <summary>The page <c>/account</c> and its forms: what a person sees of themselves, and what they can end.</summary>
internal sealed class AccountEndpoints(CurrentSession current, Sessions sessions, EndingActs endings, AuditLog audit)
{
    internal const string Path = PendingRequest.AccountPath;
    internal const string EndSessionPath = Path + "/sessions/end";
    internal const string RemoveApplicationPath = Path + "/applications/remove";
    internal const string SignOutEverywherePath = Path + "/sign-out-everywhere";

    internal static void Map(WebApplication app)
    {
        app.MapPage(Path, (HttpContext context, AccountEndpoints account, OverviewReader reader) => account.ShowAsync(context, reader));
        app.MapPage(SignOutEverywherePath, (HttpContext context, AccountEndpoints account, OverviewReader reader) => account.AskAsync(context, reader));
        FormEndpoint.Map(app, EndSessionPath, (HttpContext context, AccountEndpoints account) => account.TakeAsync(context, account.EndSessionAsync));
        FormEndpoint.Map(app, RemoveApplicationPath, (HttpContext context, AccountEndpoints account) => account.TakeAsync(context, account.RemoveApplicationAsync));
        FormEndpoint.Map(app, SignOutEverywherePath, (HttpContext context, AccountEndpoints account) => account.TakeAsync(context, account.SignOutEverywhereAsync));
    }

    private async Task<IResult> ShowAsync(HttpContext context, OverviewReader reader) =>
        await current.FindAsync(context) is not { } session
            ? SignInFirst()
            : PageResult.Show<AccountPage>(context, new Dictionary<string, object?>
            {
                [nameof(AccountPage.FormToken)] = FormProtection.Token(context),
                [nameof(AccountPage.Done)] = DoneNote.Take(context),
                [nameof(AccountPage.Overview)] = await reader.ReadAsync(session, context.RequestAborted),
            });

    private async Task<IResult> AskAsync(HttpContext context, OverviewReader reader) =>
        await current.FindAsync(context) is not { } session
            ? SignInFirst()
            : PageResult.Show<SignOutEverywherePage>(context, new Dictionary<string, object?>
            {
                [nameof(SignOutEverywherePage.FormToken)] = FormProtection.Token(context),
                [nameof(SignOutEverywherePage.Ways)] = await reader.WaysAsync(session.AccountId, context.RequestAborted),
            });

    /// <summary>Takes a form of a signed-in person.</summary>
    private async Task<IResult> TakeAsync(HttpContext context, Func<HttpContext, Session, IFormCollection, Task<IResult>> act)
    {
        var session = await current.FindAsync(context);
        if (session is null || !await FormProtection.IsValidAsync(context))
        {
            audit.FormRefused(context.Request.Path, session?.AccountId, session is null ? "nobody is signed in" : "the antiforgery token is not valid");
            return PageResult.Error(
                context, "Nothing was changed", "The page was open for too long, or you signed out meanwhile. Open your account again and try once more.", null);
        }

        return await act(context, session, await context.Request.ReadFormAsync(context.RequestAborted));
    }

    private async Task<IResult> EndSessionAsync(HttpContext context, Session session, IFormCollection form)
    {
        var named = await sessions.FindAsync(form["session"].ToString(), context.RequestAborted);
        if (named is null || named.AccountId != session.AccountId)
        {
            // It ended meanwhile; another person's is not told from one that never was.
            DoneNote.SessionEnded.Write(context);
            return PageResult.Continue(context, Path, "That session has ended");
        }

        await endings.EndSessionAsync(named, EndReason.SessionEnded, context.RequestAborted);
        if (named.Id == session.Id)
        {
            return await SignedOutAsync(context);
        }

        DoneNote.SessionEnded.Write(context);
        return PageResult.Continue(context, Path, "That session has ended");
    }

    private async Task<IResult> RemoveApplicationAsync(HttpContext context, Session session, IFormCollection form)
    {
        await endings.RemoveApplicationAsync(session.AccountId, form["client_id"].ToString(), context.RequestAborted);
        DoneNote.ApplicationRemoved.Write(context);
        return PageResult.Continue(context, Path, "The application is removed");
    }

    private async Task<IResult> SignOutEverywhereAsync(HttpContext context, Session session, IFormCollection form)
    {
        await endings.EndEverythingAsync(session.AccountId, EndReason.SignedOutEverywhere, context.RequestAborted);
        return await SignedOutAsync(context);
    }

    private static async Task<IResult> SignedOutAsync(HttpContext context)
    {
        await SessionCookie.SignOutAsync(context);
        return PageResult.Continue(context, LogoutEndpoint.DonePath, "You are signed out");
    }

    internal static IResult SignInFirst() => Results.Redirect(PendingRequest.ForAccount.UrlOf(SignInEndpoints.Path));
}
