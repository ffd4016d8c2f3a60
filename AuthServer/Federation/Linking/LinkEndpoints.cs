using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.SigningIn;
using McpAspire.AuthServer.Forms;
using McpAspire.AuthServer.Pages;
using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.Federation.Linking;

/// <summary>
/// The forms of the account page that link a provider and take a link away. A link is a lasting way in, so the person
/// signs in anew before it: who only holds a session gets none. The form answers with a page of our own that goes on,
/// since <c>form-action</c> holds for what follows a form.
/// </summary>
internal static class LinkEndpoints
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        FormEndpoint.Map(app, PendingRequest.AccountPath + "/links/{key}", LinkAsync);
        app.MapGet(PendingRequest.LinkPath, LeaveAsync);
        FormEndpoint.Map(app, PendingRequest.AccountPath + "/links/{key}/remove", RemoveAsync);
    }

    private static async Task<IResult> LinkAsync(
        string key, HttpContext context, ProviderSet providers, LinkTicket tickets, CurrentSession current, TimeProvider time)
    {
        var session = await current.FindAsync(context);
        if (session is null || !await FormProtection.IsValidAsync(context))
        {
            return TooOld(context);
        }

        if (providers.Find(key) is null)
        {
            return ProviderPages.Unknown(context);
        }

        tickets.Write(context, new LinkWish(session.AccountId, key, time.GetUtcNow()));
        return PageResult.Continue(context, PendingRequest.LinkPath, "First sign in again");
    }

    /// <summary>Goes on to the provider, once the person has signed in anew.</summary>
    private static async Task<IResult> LeaveAsync(
        HttpContext context, ProviderSet providers, LinkTicket tickets, WayToProvider way, CurrentSession current, TimeProvider time)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (tickets.Read(context) is not { } wish)
        {
            return Results.Redirect(PendingRequest.AccountPath);
        }

        if (await current.FindFreshAsync(context, wish.AskedAt) is not { } session)
        {
            return Results.Redirect(SignInWish.Anew.UrlOf(SignInEndpoints.Path, PendingRequest.ForLink));
        }

        tickets.Delete(context);
        if (session.AccountId != wish.AccountId || providers.Find(wish.Provider) is not { } provider)
        {
            return TooOld(context);
        }

        var state = new SignInState(SignInIntent.Link, new PendingRequest(null, null), SignInWish.None, time.GetUtcNow(), SessionStamp.Of(session));
        return await way.LeaveAsync(context, provider, state);
    }

    private static async Task<IResult> RemoveAsync(
        string key, HttpContext context, ProviderSet providers, Unlinking unlinking, CurrentSession current, AuditLog audit)
    {
        var session = await current.FindAsync(context);
        if (session is null || !await FormProtection.IsValidAsync(context))
        {
            return TooOld(context);
        }

        if (!await unlinking.RemoveAsync(session.AccountId, key, context.RequestAborted))
        {
            return PageResult.Error(
                context, "This is your only way to sign in", "Link another provider first; without one nobody could sign in to this account again.", null,
                StatusCodes.Status409Conflict, [new PageLink(PendingRequest.AccountPath, "Back to your account")]);
        }

        audit.Unlinked(key, session.AccountId);
        return PageResult.Continue(context, PendingRequest.AccountPath, $"{providers.Find(key)?.Name ?? key} is no longer linked");
    }

    private static IResult TooOld(HttpContext context) => PageResult.Error(
        context, "That did not work", SignInEndpoints.PageTooOld, null, StatusCodes.Status400BadRequest, [new PageLink(PendingRequest.AccountPath, "Back to your account")]);
}
