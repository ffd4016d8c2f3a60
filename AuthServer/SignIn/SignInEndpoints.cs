using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Forms;
using McpAspire.AuthServer.Limits;
using McpAspire.AuthServer.Pages;

namespace McpAspire.AuthServer.SignIn;

/// <summary>The page <c>/sign-in</c>.</summary>
internal static class SignInEndpoints
{
    internal const string Path = "/sign-in";

    internal const string PageTooOld = "This page was open for too long, or you signed in elsewhere meanwhile. Please try again.";

    internal const string TooManyFromHere =
        "Too many wrong passwords came from your network, perhaps from somebody else. Wait a minute, then try again.";

    internal static void MapSignIn(this WebApplication app)
    {
        app.MapPage(Path, Show);
        FormEndpoint.Map(app, Path, SignInAsync);
    }

    private static IResult Show(HttpContext context, [AsParameters] PendingRequest pending, [AsParameters] SignInWish wish, ProviderSet providers) =>
        providers.Only is { } only ? Results.Redirect(wish.UrlOf(only.SignInPath, pending)) : Page(context, pending, wish);

    private static async Task<IResult> SignInAsync(
        HttpContext context,
        PasswordSignIn passwords,
        AccountLockOptions lockout,
        PasswordGuesses guesses,
        CurrentSession current,
        Sessions sessions,
        ProviderSet providers,
        TimeProvider time,
        AuditLog audit)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var pending = new PendingRequest(form["client_id"], form["request_uri"]);
        var wish = new SignInWish(form["prompt"], form["max_age"], form["login_hint"]);
        var userName = form["username"].ToString();
        if (!providers.HasBuiltInAccounts)
        {
            return PageResult.Error(context, "No passwords are taken here", "Sign in with a provider.", null, ways: [new(wish.UrlOf(Path, pending), "Sign in")]);
        }

        if (!await FormProtection.IsValidAsync(context))
        {
            return Page(context, pending, wish, userName, PageTooOld, StatusCodes.Status400BadRequest);
        }

        var counted = await guesses.CountAsync();
        if (counted.Wait is { } wait)
        {
            audit.SignInRefused($"too many wrong passwords from {counted.From}", account: null);
            TooManyRequests.SayWhen(context.Response, wait);
            return Page(context, pending, wish, userName, TooManyFromHere, StatusCodes.Status429TooManyRequests);
        }

        var account = await passwords.VerifyAsync(userName, form["password"].ToString(), context.RequestAborted);
        if (account is null)
        {
            return Page(context, pending, wish, userName, Refused(lockout), StatusCodes.Status400BadRequest);
        }

        await guesses.TakeBackAsync(counted);
        var session = await sessions.BeginByPasswordAsync(account, await current.FindToSignInAsync(context), time.GetUtcNow(), context.RequestAborted);
        if (session is null)
        {
            audit.SignInRefused("the password was changed or the account disabled meanwhile", account.Id);
            return Page(context, pending, wish, userName, Refused(lockout), StatusCodes.Status400BadRequest);
        }

        await SessionCookie.SignInAsync(context, session);
        audit.SignedIn(account.Id, session.Id);
        return PageResult.Continue(context, pending.Url, "You are signed in");
    }

    internal static string Refused(AccountLockOptions lockout) => $"The user name or the password is wrong. {lockout.InWords}";

    private static IResult Page(
        HttpContext context, PendingRequest pending, SignInWish wish, string? userName = null, string? error = null, int status = StatusCodes.Status200OK) =>
        PageResult.Show<SignInPage>(context, new Dictionary<string, object?>
        {
            [nameof(SignInPage.FormToken)] = FormProtection.Token(context),
            [nameof(SignInPage.Pending)] = pending,
            [nameof(SignInPage.Wish)] = wish,
            [nameof(SignInPage.Providers)] = Ways(context, pending, wish),
            [nameof(SignInPage.HasPasswordForm)] = context.RequestServices.GetRequiredService<ProviderSet>().HasBuiltInAccounts,
            [nameof(SignInPage.UserName)] = userName ?? wish.ShownHint,
            [nameof(SignInPage.Error)] = error,
            [nameof(SignInPage.ShowDevelopmentAccounts)] = context.RequestServices.GetRequiredService<IHostEnvironment>().IsDevelopment(),
        }, status);

    private static PageLink[] Ways(HttpContext context, PendingRequest pending, SignInWish wish) =>
        [.. context.RequestServices.GetRequiredService<ProviderSet>().All.Select(provider => new PageLink(wish.UrlOf(provider.SignInPath, pending), provider.Name))];
}
