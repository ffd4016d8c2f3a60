using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Pages;
using Microsoft.AspNetCore.Mvc;

namespace McpAspire.AuthServer.SignIn;

/// <summary>The page <c>/sign-in</c>.</summary>
internal static class SignInEndpoints
{
    internal const string Path = "/sign-in";

    internal const string Refused =
        "The user name or the password is wrong. After 5 wrong passwords an account is locked for 5 minutes.";

    internal const string PageTooOld = "This page was open for too long, or you signed in elsewhere meanwhile. Please try again.";

    internal static void MapSignIn(this WebApplication app)
    {
        app.MapGet(Path, Show);
        app.MapPost(Path, SignInAsync).DisableAntiforgery();
    }

    private static IResult Show(HttpContext context, [AsParameters] PendingRequest pending) => Page(context, pending);

    private static async Task<IResult> SignInAsync(
        HttpContext context,
        [FromForm] SignInForm form,
        PasswordSignIn passwords,
        CurrentSession current,
        Sessions sessions,
        AuditLog audit)
    {
        var pending = new PendingRequest(form.ClientId, form.RequestUri);
        if (!await FormProtection.IsValidAsync(context))
        {
            return Page(context, pending, form.UserName, PageTooOld, StatusCodes.Status400BadRequest);
        }

        var account = await passwords.VerifyAsync(form.UserName ?? string.Empty, form.Password ?? string.Empty, context.RequestAborted);
        if (account is null)
        {
            return Page(context, pending, form.UserName, Refused, StatusCodes.Status400BadRequest);
        }

        var session = await sessions.BeginAsync(account, await current.FindAsync(context), context.RequestAborted);
        await SessionCookie.SignInAsync(context, session);
        audit.SignedIn(account.Id, session.Id);
        return PageResult.Continue(context, pending.Url, "You are signed in");
    }

    private static IResult Page(
        HttpContext context, PendingRequest pending, string? userName = null, string? error = null, int status = StatusCodes.Status200OK) =>
        PageResult.Show<SignInPage>(context, new Dictionary<string, object?>
        {
            [nameof(SignInPage.FormToken)] = FormProtection.Token(context),
            [nameof(SignInPage.Pending)] = pending,
            [nameof(SignInPage.UserName)] = userName,
            [nameof(SignInPage.Error)] = error,
            [nameof(SignInPage.ShowDevelopmentAccounts)] = context.RequestServices.GetRequiredService<IHostEnvironment>().IsDevelopment(),
        }, status);
}

/// <summary>What the sign-in form sends.</summary>
internal sealed class SignInForm
{
    [FromForm(Name = "username")]
    public string? UserName { get; set; }

    [FromForm(Name = "password")]
    public string? Password { get; set; }

    [FromForm(Name = "client_id")]
    public string? ClientId { get; set; }

    [FromForm(Name = "request_uri")]
    public string? RequestUri { get; set; }
}
