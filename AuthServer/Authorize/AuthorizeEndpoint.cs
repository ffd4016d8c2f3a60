using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Clients;
using McpAspire.AuthServer.Clients.RedirectUris;
using McpAspire.AuthServer.Federation.SigningIn;
using McpAspire.AuthServer.Grants;
using McpAspire.AuthServer.Pages;
using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.Storage;
using McpAspire.AuthServer.Tokens;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace McpAspire.AuthServer.Authorize;

/// <summary>
/// <c>/connect/authorize</c>, once OpenIddict found the request valid: sign in, then consent, then the code, in that
/// order; where the application may stay connected, the provider is asked for an offline token before the code. The request
/// itself is stored by OpenIddict under a reference and so survives the pages in between.
/// </summary>
internal sealed class AuthorizeEndpoint(
    CurrentSession current, ConsentStore consents, ConsentTicket tickets, GrantStore grants,
    IOpenIddictApplicationManager clients, ResourceIndicators resources, ErrorRedirects errors, OfflineHop offline, AuthDbContext database,
    TimeProvider time, AuditLog audit)
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Post];

    internal static void Map(WebApplication app) =>
        app.MapMethods(PendingRequest.AuthorizePath, Methods, (HttpContext context, AuthorizeEndpoint endpoint) => endpoint.HandleAsync(context))
            .DisableAntiforgery();

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        // There is none where what was sent is no form.
        var read = context.GetOpenIddictServerRequest();
        if (context.GetOpenIddictServerResponse() is { Error: not null } refusal)
        {
            audit.AuthorizationRefused(read?.ClientId, refusal.Error, refusal.ErrorDescription);
            return PageResult.OAuthError(context, refusal.Error, refusal.ErrorDescription);
        }

        var request = read ?? throw new InvalidOperationException("OpenIddict did not handle this request.");
        var session = await current.FindAsync(context);
        var isAnother = session is not null && Validated(context)?.IdentityTokenHintPrincipal?.GetClaim(Claims.Subject) is { } hinted && hinted != session.AccountId;
        if (isAnother && session!.AuthenticatedAt >= RequestBegan(context))
        {
            return await RefuseUnaskedAsync(context, request, Errors.LoginRequired, "Another person signed in than the one that the id_token_hint names.");
        }

        if (session is null || isAnother || MustSignInAgain(context, request, session))
        {
            return request.HasPromptValue(PromptValues.None)
                ? Refuse(context, request, Errors.LoginRequired, "The person must sign in, which prompt=none forbids.")
                : Results.Redirect(SignInWish.Of(request).UrlOf(SignInEndpoints.Path, new PendingRequest(request.ClientId, request.RequestUri)));
        }

        var client = (await clients.FindByClientIdAsync(request.ClientId!, context.RequestAborted))!;
        var profile = await ClientProfile.OfAsync(clients, client, context.RequestAborted);
        var consent = new ConsentRequest(
            session.AccountId,
            request.ClientId!,
            RedirectUri.ShownHost(request.RedirectUri!),
            resources.Of(request)!.Uri,
            ScopeCatalog.Asked(request.GetScopes()),
            ConsentWarning.MayBeRemembered(profile, request.RedirectUri!),
            profile.Digest);

        var answer = tickets.TakeAnswer(context, request.RequestUri!, session.Id);
        if (answer is { Given: null })
        {
            return Refuse(context, request, Errors.AccessDenied, "The person did not allow it.");
        }

        var given = answer?.Given
            ?? (request.HasPromptValue(PromptValues.Consent) ? null : await consents.FindAsync(consent, context.RequestAborted));
        if (given is null)
        {
            return request.HasPromptValue(PromptValues.None)
                ? Refuse(context, request, Errors.ConsentRequired, "The person must consent, which prompt=none forbids.")
                : await AskAsync(context, request, consent, session, client, profile);
        }

        var askOffline = answer is not { OfflineAsked: true } && !request.HasPromptValue(PromptValues.None) && given.Contains(ScopeCatalog.OfflineAccess);
        if (askOffline && await offline.ChallengeAsync(new PendingRequest(request.ClientId, request.RequestUri), session, context.RequestAborted) is { } leave)
        {
            tickets.WriteAnswer(context, request.RequestUri!, session.Id, given, offlineAsked: true);
            return leave;
        }

        return await AuthorizeAsync(context, consent, session, given);
    }

    /// <summary>OpenID Connect Core §3.1.2.1: prompt=login and max_age ask for a sign-in after this request began.</summary>
    private bool MustSignInAgain(HttpContext context, OpenIddictRequest request, Session session)
    {
        if (session.AuthenticatedAt >= RequestBegan(context))
        {
            return false;
        }

        return SignInWish.AsksForLoginIn(request)
            || (request.MaxAge is { } seconds && (session.AuthenticatedAt == Session.NobodyKnows || (time.GetUtcNow() - session.AuthenticatedAt).TotalSeconds > seconds));
    }

    private DateTimeOffset RequestBegan(HttpContext context) => Validated(context)?.RequestTokenPrincipal?.GetCreationDate() ?? time.GetUtcNow();

    private static OpenIddictServerEvents.ValidateAuthorizationRequestContext? Validated(HttpContext context) =>
        context.Passed<OpenIddictServerEvents.ValidateAuthorizationRequestContext>();

    private async Task<IResult> AskAsync(
        HttpContext context, OpenIddictRequest request, ConsentRequest consent, Session session, object client, ClientProfile profile)
    {
        var name = await clients.GetDisplayNameAsync(client, context.RequestAborted) ?? consent.ClientId;
        return PageResult.Show<ConsentPage>(context, new Dictionary<string, object?>
        {
            [nameof(ConsentPage.FormToken)] = FormProtection.Token(context),
            [nameof(ConsentPage.Ticket)] = tickets.ProtectQuestion(new ConsentQuestion(request.RequestUri!, session.Id, consent)),
            [nameof(ConsentPage.Account)] = await database.AccountOfAsync(session, context.RequestAborted),
            [nameof(ConsentPage.Pending)] = new PendingRequest(request.ClientId, request.RequestUri),
            [nameof(ConsentPage.ClientName)] = name,
            [nameof(ConsentPage.Verification)] = Verification.Of(profile, consent.ClientId),
            [nameof(ConsentPage.Logo)] = profile.Logo is { } logo ? Logos.LogoEndpoint.PathOf(logo) : null,
            [nameof(ConsentPage.Request)] = consent,
            [nameof(ConsentPage.RedirectUri)] = new Uri(request.RedirectUri!),
            [nameof(ConsentPage.Resource)] = resources.Find(consent.Resource)!,
            [nameof(ConsentPage.Warning)] = ConsentWarning.Of(profile, new Uri(request.RedirectUri!)),
        });
    }

    private async Task<IResult> AuthorizeAsync(HttpContext context, ConsentRequest consent, Session session, IReadOnlyList<string> given)
    {
        var standalone = given.Contains(ScopeCatalog.OfflineAccess);
        var widened = await grants.FindToWidenAsync(consent.ClientId, consent.Resource, session.Id, standalone, context.RequestAborted);
        var grantId = widened?.Id ?? RandomId.New();
        audit.Authorized(session.AccountId, consent.ClientId, grantId, consent.Resource, ScopeCatalog.Text(given));
        var principal = TokenPrincipal.ForCode(session, grantId, standalone, given, consent.Resource);
        return Results.SignIn(principal, properties: null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    /// <summary>Refuses where the person has not acted in this request.</summary>
    private async Task<IResult> RefuseUnaskedAsync(HttpContext context, OpenIddictRequest request, string error, string description)
    {
        if (await errors.AllowsAsync(clients, request, context.RequestAborted))
        {
            return Refuse(context, request, error, description);
        }

        audit.AuthorizationRefused(request.ClientId, error, description);
        return PageResult.OAuthError(context, error, description);
    }

    /// <summary>Sends the error to the client: the person acted in this request, or no page may be shown.</summary>
    private IResult Refuse(HttpContext context, OpenIddictRequest request, string error, string description)
    {
        audit.AuthorizationRefused(request.ClientId, error, description);
        ErrorsByRedirect.Decide(context.Features.Get<OpenIddictServerAspNetCoreFeature>()!.Transaction!);
        return Results.Forbid(
            new AuthenticationProperties(new Dictionary<string, string?>
            {
                [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
                [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
            }),
            [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }
}
