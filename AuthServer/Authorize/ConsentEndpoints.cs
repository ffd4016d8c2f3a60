using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Forms;
using McpAspire.AuthServer.Pages;
using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// Takes the answer of the consent page. It answers with a page of our own that goes on, since Chromium applies
/// <c>form-action</c> to every redirect that follows a form.
/// </summary>
internal static class ConsentEndpoints
{
    internal const string Path = "/consent";

    internal static void MapConsent(this WebApplication app)
    {
        app.MapPage(Path, () => Results.Redirect("/"));
        FormEndpoint.Map(app, Path, AnswerAsync);
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext context, ConsentTicket tickets, CurrentSession current, ConsentStore consents, AuditLog audit)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var question = tickets.ReadQuestion(form["ticket"]);
        var session = await current.FindAsync(context);
        if (question is null || session?.Id != question.SessionId || !await FormProtection.IsValidAsync(context))
        {
            return PageResult.Error(
                context,
                "The consent could not be taken",
                "The page was open for too long, or you signed out or in as someone else meanwhile. Go back to the application and start again.",
                null);
        }

        var given = ConsentForm.Given(form, question.Request.Scopes);
        if (given is not null)
        {
            audit.ConsentGiven(session.AccountId, question.Request.ClientId, ScopeCatalog.Text(given));
            await consents.RememberAsync(question.Request, given, context.RequestAborted);
        }
        else
        {
            audit.ConsentDenied(session.AccountId, question.Request.ClientId);
        }

        tickets.WriteAnswer(context, question.RequestUri, question.SessionId, given);
        var url = new PendingRequest(question.Request.ClientId, question.RequestUri).Url;
        return PageResult.Continue(context, url, given is null ? "You did not allow it" : "You allowed it");
    }
}
