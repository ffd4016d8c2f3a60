using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Forms;
using McpAspire.AuthServer.Pages;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.AccountPages;

/// <summary>
/// The page <c>/account/password</c>. The current password is asked for as at the sign-in, lockout included. A new one
/// ends every other session of the person and every grant that was not given in this one: whoever knew the old one is out,
/// and whoever has a copy of this session's cookie.
/// </summary>
internal sealed class PasswordEndpoints(
    CurrentSession current, Sessions sessions, PasswordSignIn passwords, AccountLockOptions lockout, PasswordRules rules, IPasswordHasher<Account> hasher, EndingActs endings,
    ProviderSet providers, OverviewReader reader, AuthDbContext database, AuditLog audit)
{
    internal const string Path = AccountEndpoints.Path + "/password";

    internal static void Map(WebApplication app)
    {
        app.MapPage(Path, (HttpContext context, PasswordEndpoints password) => password.ShowAsync(context));
        FormEndpoint.Map(app, Path, (HttpContext context, PasswordEndpoints password) => password.ChangeAsync(context));
    }

    private async Task<IResult> ShowAsync(HttpContext context) =>
        await current.FindAsync(context) is not { } session ? AccountEndpoints.SignInFirst()
            : await OwnerAsync(context, session) is null ? Results.Redirect(AccountEndpoints.Path)
            : await PageAsync(context, session);

    private async Task<IResult> ChangeAsync(HttpContext context)
    {
        var session = await current.FindAsync(context);
        if (session is null || !await FormProtection.IsValidAsync(context) || await OwnerAsync(context, session) is not { } owner)
        {
            audit.FormRefused(Path, session?.AccountId, session is null ? "nobody is signed in" : "the antiforgery token is not valid, or there is no password");
            return PageResult.Error(
                context, "Nothing was changed", "The page was open for too long, or you signed out meanwhile. Open your account again and try once more.", null,
                ways: [new(AccountEndpoints.Path, "Your account")]);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (old, chosen) = (form["current"].ToString(), form["new"].ToString());
        if (rules.Fault(chosen, owner) is { } fault)
        {
            return await PageAsync(context, session, fault, PasswordField.New);
        }

        if (chosen == old)
        {
            return await PageAsync(context, session, "The new password is the current one. Choose another.", PasswordField.New);
        }

        if (chosen != form["again"].ToString())
        {
            return await PageAsync(context, session, "The new password was not typed the same way twice.", PasswordField.Again);
        }

        if (await passwords.VerifyAsync(owner.UserName!, old, context.RequestAborted) is not { } verified)
        {
            audit.PasswordChangeRefused(owner.Id);
            return await PageAsync(context, session, $"The current password is wrong. {lockout.InWords}", PasswordField.Current);
        }

        if (!await SaveAsync(context, session, verified, chosen))
        {
            return await PageAsync(context, session, "The password was changed elsewhere meanwhile. Try again.", PasswordField.Current);
        }

        DoneNote.PasswordChanged.Write(context);
        return PageResult.Continue(context, AccountEndpoints.Path, "Your password is changed");
    }

    private async Task<bool> SaveAsync(HttpContext context, Session session, Account owner, string chosen)
    {
        var (before, after) = (owner.PasswordHash, hasher.HashPassword(owner, chosen));
        await using var transaction = await database.BeginInTurnAsync(context.RequestAborted);
        var changed = await database.Accounts.Where(account => account.Id == owner.Id && account.PasswordHash == before)
            .ExecuteUpdateAsync(row => row.SetProperty(account => account.PasswordHash, after), context.RequestAborted);
        if (changed != 1)
        {
            return false;
        }

        await sessions.RenewStampAsync(session, context.RequestAborted);
        await endings.EndAllOthersAsync(transaction, session, context.RequestAborted);
        await SessionCookie.SignInAsync(context, session);
        audit.PasswordChanged(owner.Id, session.Id);
        return true;
    }

    /// <summary>The person, where they have a password of this service.</summary>
    private async Task<Account?> OwnerAsync(HttpContext context, Session session) => providers.HasBuiltInAccounts
        ? await database.Accounts.AsNoTracking().FirstOrDefaultAsync(
            account => account.Id == session.AccountId && account.PasswordHash != null && account.UserName != null, context.RequestAborted)
        : null;

    private async Task<IResult> PageAsync(HttpContext context, Session session, string? error = null, PasswordField wrong = PasswordField.Current) =>
        PageResult.Show<PasswordPage>(context, new Dictionary<string, object?>
        {
            [nameof(PasswordPage.FormToken)] = FormProtection.Token(context),
            [nameof(PasswordPage.Ways)] = await reader.WaysAsync(session.AccountId, context.RequestAborted),
            [nameof(PasswordPage.Error)] = error,
            [nameof(PasswordPage.Wrong)] = wrong,
        }, error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
}
