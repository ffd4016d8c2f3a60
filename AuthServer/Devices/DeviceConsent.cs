using System.Security.Claims;
using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Forms;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Limits;
using McpAspire.AuthServer.Pages;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tokens;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Devices;

/// <summary>
/// Where a person decides about a device (RFC 8628 §3.3): signed in after they opened the page of the code, and shown which
/// client asks, with what code, from where. Nothing is remembered: each device is a question of its own. The grant is
/// bound to the session that approves it.
/// </summary>
internal sealed class DeviceConsent(
    CurrentSession current, DeviceTicket tickets, WrongTries tries, DeviceOptions options, ResourceIndicators resources, GrantStore grants,
    IOpenIddictApplicationManager clients, IOpenIddictTokenManager tokens, AuthDbContext database, TimeProvider time, AuditLog audit)
{
    internal const string Path = PendingRequest.DevicePath;

    private const string DonePath = "/device/done";
    private const string DeniedPath = "/device/denied";

    internal static void Map(WebApplication app)
    {
        app.MapGet(Path, (HttpContext context, DeviceConsent consent) => consent.AskAsync(context));
        FormEndpoint.Map(app, Path, (HttpContext context, DeviceConsent consent) => consent.AnswerAsync(context));
        app.MapPage(DonePath, (HttpContext context) => Done(context, allowed: true));
        app.MapPage(DeniedPath, (HttpContext context) => Done(context, allowed: false));
    }

    private async Task<IResult> AskAsync(HttpContext context)
    {
        if (tickets.Read(context) is not { } typed)
        {
            return Results.Redirect(DeviceCodeEndpoints.Path);
        }

        // RFC 8628 §5.4: nobody should approve by one press of a link.
        if (await current.FindFreshAsync(context, typed.OpenedAt) is not { } session)
        {
            return Results.Redirect(SignInWish.Anew.UrlOf(SignInEndpoints.Path, PendingRequest.ForDevice));
        }

        var counted = await tries.CountAsync("user-code", session.Id, options.WrongCodesPerMinute);
        if (counted.Wait is { } wait)
        {
            audit.DeviceCodeGuessed(session.AccountId, session.Id, tooOften: true);
            TooManyRequests.SayWhen(context.Response, wait);
            return DeviceCodeEndpoints.Page(
                context, null, "Those were too many wrong codes. Wait a minute, then look at the device again.", StatusCodes.Status429TooManyRequests);
        }

        if (UserCodeOf(context) is not { } asked || await clients.FindByClientIdAsync(asked.GetClaim(Claims.ClientId)!, context.RequestAborted) is not { } client)
        {
            tickets.Delete(context);
            audit.DeviceCodeGuessed(session.AccountId, session.Id, tooOften: false);
            return DeviceCodeEndpoints.Page(
                context, null, $"No device waits with that code. Look at it again; a code works for {options.CodeLifetime.TotalMinutes:0.#} minutes, and once.", StatusCodes.Status400BadRequest);
        }

        await tries.TakeBackAsync(counted);
        return await PageAsync(context, typed, session, asked, client);
    }

    private async Task<IResult> PageAsync(HttpContext context, TypedCode typed, Session session, ClaimsPrincipal asked, object client)
    {
        var clientId = asked.GetClaim(Claims.ClientId)!;
        var resource = resources.Find(asked.GetResources()[0])!;
        var request = new ConsentRequest(session.AccountId, clientId, string.Empty, resource.Uri, ScopeCatalog.Asked(asked.GetScopes()), MayBeRemembered: false);
        return PageResult.Show<DeviceConsentPage>(context, new Dictionary<string, object?>
        {
            [nameof(DeviceConsentPage.FormToken)] = FormProtection.Token(context),
            [nameof(DeviceConsentPage.Ticket)] = tickets.ProtectQuestion(new DeviceQuestion(typed.Code, session.Id, request)),
            [nameof(DeviceConsentPage.Account)] = await database.AccountOfAsync(session, context.RequestAborted),
            [nameof(DeviceConsentPage.ClientName)] = await clients.GetDisplayNameAsync(client, context.RequestAborted) ?? clientId,
            [nameof(DeviceConsentPage.Code)] = UserCode.Show(typed.Code),
            [nameof(DeviceConsentPage.Where)] = DevicePlace.Where(asked.GetClaim(DeviceRequest.AskedFrom)),
            [nameof(DeviceConsentPage.When)] = DevicePlace.Ago(time.GetUtcNow() - (asked.GetCreationDate() ?? time.GetUtcNow())),
            [nameof(DeviceConsentPage.Scopes)] = request.Scopes,
            [nameof(DeviceConsentPage.Resource)] = resource,
        });
    }

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var typed = tickets.Read(context);
        var question = tickets.ReadQuestion(form["ticket"]);
        var session = typed is null ? null : await current.FindFreshAsync(context, typed.OpenedAt);
        if (session is null || question is null || question.SessionId != session.Id || question.Code != typed!.Code
            || UserCodeOf(context) is not { } asked || !await FormProtection.IsValidAsync(context))
        {
            audit.FormRefused(Path, session?.AccountId, "it is not of this session and code, or too old");
            return PageResult.Error(
                context, "Nothing was allowed",
                "The page was open for too long, was answered already, or you signed out or in as someone else meanwhile. Get a new code on the device and start again.",
                null, ways: [new(DeviceCodeEndpoints.Path, "Enter a code")]);
        }

        tickets.Delete(context);
        var given = ConsentForm.Given(form, question.Request.Scopes);
        if (given is null)
        {
            return await DenyAsync(context, session, question, asked);
        }

        audit.ConsentGiven(session.AccountId, question.Request.ClientId, ScopeCatalog.Text(given));
        return await AllowAsync(context, session, question.Request, asked, given);
    }

    private async Task<IResult> AllowAsync(HttpContext context, Session session, ConsentRequest request, ClaimsPrincipal asked, IReadOnlyList<string> given)
    {
        var standalone = given.Contains(ScopeCatalog.OfflineAccess);
        var widened = await grants.FindToWidenAsync(request.ClientId, request.Resource, session.Id, standalone, context.RequestAborted);
        var grantId = widened?.Id ?? RandomId.New();
        audit.Authorized(session.AccountId, request.ClientId, grantId, request.Resource, ScopeCatalog.Text(given));
        var principal = TokenPrincipal.ForCode(session, grantId, standalone, given, request.Resource)
            .SetDeviceCodeLifetime(asked.GetExpirationDate() - time.GetUtcNow());
        return Results.SignIn(principal, new AuthenticationProperties { RedirectUri = DonePath }, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private async Task<IResult> DenyAsync(HttpContext context, Session session, DeviceQuestion question, ClaimsPrincipal asked)
    {
        foreach (var id in new[] { asked.GetTokenId(), asked.GetClaim(Claims.Private.DeviceCodeId) })
        {
            if (await tokens.FindByIdAsync(id!, context.RequestAborted) is { } token)
            {
                await tokens.TryRejectAsync(token, context.RequestAborted);
            }
        }

        audit.ConsentDenied(session.AccountId, question.Request.ClientId);
        return PageResult.Continue(context, DeniedPath, "You did not allow it");
    }

    /// <summary>What OpenIddict made of the typed code; null where none waits with it.</summary>
    private static ClaimsPrincipal? UserCodeOf(HttpContext context) =>
        context.Passed<OpenIddictServerEvents.ProcessAuthenticationContext>()?.UserCodePrincipal;

    private static IResult Done(HttpContext context, bool allowed) =>
        PageResult.Show<DeviceDonePage>(context, new Dictionary<string, object?> { [nameof(DeviceDonePage.Allowed)] = allowed });
}
