using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Clients.RedirectUris;
using McpAspire.AuthServer.Discovery;
using McpAspire.AuthServer.Endings;
using McpAspire.AuthServer.Forms;
using McpAspire.AuthServer.Pages;
using McpAspire.AuthServer.SignIn;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.WebUtilities;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace McpAspire.AuthServer.SignOut;

/// <summary>
/// <c>/connect/logout</c> (OpenID Connect RP-Initiated Logout). A <c>logout_hint</c> that equals this browser's session
/// counts as the proof that an <c>id_token_hint</c> gives (a deviation from its §2: no token in a URL); without it the
/// person is asked first. An <c>id_token_hint</c> of ours goes on as what it says, its client and its session. A form of
/// another site comes without our cookie (SameSite=Lax), so a POST goes on as a GET.
/// </summary>
internal sealed class LogoutEndpoint(
    CurrentSession current, EndingActs endings, IOpenIddictApplicationManager clients, AuditLog audit)
{
    internal const string ConfirmPath = "/sign-out";
    internal const string DonePath = "/signed-out";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Post];

    internal static void Map(WebApplication app)
    {
        app.MapMethods(Endpoints.Logout, Methods, (HttpContext context, LogoutEndpoint endpoint) => endpoint.HandleAsync(context)).DisableAntiforgery();
        app.MapPage(ConfirmPath, (HttpContext context, LogoutEndpoint endpoint) => endpoint.AskAsync(context));
        FormEndpoint.Map(app, ConfirmPath, (HttpContext context, LogoutEndpoint endpoint) => endpoint.ConfirmedAsync(context));
        app.MapPage(DonePath, (HttpContext context) => PageResult.Show<SignedOutPage>(context, new Dictionary<string, object?>()));
    }

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        // There is none where what was sent is no form.
        var read = context.GetOpenIddictServerRequest();
        if (context.GetOpenIddictServerResponse() is { Error: not null } refusal)
        {
            return Refuse(context, read?.ClientId, refusal.Error, refusal.ErrorDescription);
        }

        var request = read ?? throw new InvalidOperationException("OpenIddict did not handle this request.");
        var asked = LogoutRequest.Of(request, context.Passed<ValidateEndSessionRequestContext>()?.IdentityTokenHintPrincipal);
        if (!asked.FitsUrl)
        {
            return Refuse(context, request.ClientId, Errors.InvalidRequest, "The parameters are too long for a URL.");
        }

        if (HttpMethods.IsPost(context.Request.Method) || !string.IsNullOrEmpty(request.IdTokenHint))
        {
            return Results.Redirect(asked.Url);
        }

        var session = await current.FindAsync(context);
        if (session is not null)
        {
            if (asked.LogoutHint != session.Id)
            {
                return await AskAsync(context, asked);
            }

            await EndAsync(context, session);
            return Back(request);
        }

        return await LeaveAsync(context, request);
    }

    private IResult Refuse(HttpContext context, string? clientId, string error, string? description)
    {
        audit.RequestRefused("end session", clientId, error, description);
        return PageResult.OAuthError(context, error, description);
    }

    private static IResult Back(OpenIddictRequest request) => string.IsNullOrEmpty(request.PostLogoutRedirectUri)
        ? Results.Redirect(DonePath)
        : Results.SignOut(new AuthenticationProperties(), [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);

    /// <summary>
    /// Nothing in this request proves that its client had to do with this browser, so a client that described itself gets
    /// no redirect (an open one, else): the person sees where it leads, and goes there or not.
    /// </summary>
    private async Task<IResult> LeaveAsync(HttpContext context, OpenIddictRequest request)
    {
        var client = request.ClientId is null ? null : await clients.FindByClientIdAsync(request.ClientId, context.RequestAborted);
        var isConfigured = client is not null
            && (await ClientProfile.OfAsync(clients, client, context.RequestAborted)).Source == ClientSource.Configured;
        if (isConfigured || string.IsNullOrEmpty(request.PostLogoutRedirectUri))
        {
            return Back(request);
        }

        var url = request.State is null
            ? request.PostLogoutRedirectUri
            : QueryHelpers.AddQueryString(request.PostLogoutRedirectUri, "state", request.State);
        var name = client is null ? null : await clients.GetDisplayNameAsync(client, context.RequestAborted);
        return PageResult.Show<LeavePage>(context, new Dictionary<string, object?>
        {
            [nameof(LeavePage.ClientName)] = name ?? "an application",
            [nameof(LeavePage.Url)] = new Uri(url),
        });
    }

    /// <summary>The person came by themselves.</summary>
    private async Task<IResult> AskAsync(HttpContext context) =>
        await current.FindAsync(context) is null
            ? Results.Redirect(DonePath)
            : PageResult.Show<SignOutPage>(context, new Dictionary<string, object?>
            {
                [nameof(SignOutPage.FormToken)] = FormProtection.Token(context),
                [nameof(SignOutPage.Request)] = new LogoutRequest(null, null, null),
            });

    /// <summary>An application asks, without the hint that would prove that this session is its own.</summary>
    private async Task<IResult> AskAsync(HttpContext context, LogoutRequest request)
    {
        var client = request.ClientId is null ? null : await clients.FindByClientIdAsync(request.ClientId, context.RequestAborted);
        var profile = client is null ? null : await ClientProfile.OfAsync(clients, client, context.RequestAborted);
        return PageResult.Show<SignOutPage>(context, new Dictionary<string, object?>
        {
            [nameof(SignOutPage.FormToken)] = FormProtection.Token(context),
            [nameof(SignOutPage.Request)] = request,
            [nameof(SignOutPage.ClientName)] = client is null ? null : await clients.GetDisplayNameAsync(client, context.RequestAborted),
            [nameof(SignOutPage.Verification)] = Verification.Of(profile, request.ClientId ?? string.Empty),
            [nameof(SignOutPage.Destination)] = string.IsNullOrEmpty(request.PostLogoutRedirectUri) ? null : RedirectUri.ShownHost(request.PostLogoutRedirectUri),
        });
    }

    private async Task<IResult> ConfirmedAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var request = LogoutRequest.Of(form);
        if (!await FormProtection.IsValidAsync(context))
        {
            audit.FormRefused(ConfirmPath, account: null, "the antiforgery token is not valid");
            return PageResult.Error(context, "You are still signed in", "The page was open for too long. Go back and try again.", null);
        }

        if (await current.FindAsync(context) is { } session)
        {
            await EndAsync(context, session);
        }

        return PageResult.Continue(context, string.IsNullOrEmpty(request.PostLogoutRedirectUri) ? DonePath : request.Url, "You are signed out");
    }

    private async Task EndAsync(HttpContext context, Session session)
    {
        await endings.EndSessionAsync(session, Grants.EndReason.SessionEnded, context.RequestAborted);
        await SessionCookie.SignOutAsync(context);
    }
}
