using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Federation.SigningIn;
using McpAspire.AuthServer.Forms;
using McpAspire.AuthServer.Pages;
using McpAspire.AuthServer.SignIn;
using Microsoft.AspNetCore.Http.Extensions;

namespace McpAspire.AuthServer.Federation.Linking;

/// <summary>
/// The forms of the account page that link a provider and take a link away. Linking answers with a page of our own that
/// goes on to the provider, since <c>form-action</c> holds for what follows a form.
/// </summary>
internal static class LinkEndpoints
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        FormEndpoint.Map(app, PendingRequest.AccountPath + "/links/{key}", LinkAsync);
        FormEndpoint.Map(app, PendingRequest.AccountPath + "/links/{key}/remove", RemoveAsync);
    }

    private static async Task<IResult> LinkAsync(string key, HttpContext context, ProviderSet providers, LinkTicket tickets, CurrentSession current)
    {
        var session = await current.FindAsync(context);
        if (session is null || !await FormProtection.IsValidAsync(context))
        {
            return TooOld(context);
        }

        if (providers.Find(key) is not { } provider)
        {
            return ProviderPages.Unknown(context);
        }

        var query = new QueryBuilder { { "link", tickets.Write(new LinkRequest(session.Id, key)) } };
        return PageResult.Continue(context, provider.SignInPath + query, $"To {provider.Name}");
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
