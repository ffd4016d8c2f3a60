using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>What we add to the framework's OpenID Connect handler: where it asks, what it checks besides, and where its result goes.</summary>
internal sealed class OpenIdEvents(
    ProviderSet providers, ProviderDirectory directory, ProviderHttp http, TokenEndpoint tokens, PublicUrl issuer) : OpenIdConnectEvents
{
    public override Task RedirectToIdentityProvider(RedirectContext context)
    {
        var provider = providers.OfScheme(context.Scheme.Name);
        var state = SignInState.From(context.Properties)!;
        var message = context.ProtocolMessage;
        message.RedirectUri = issuer.Of(provider.CallbackPath);
        message.Prompt = state.Wish.AsksForLogin ? "login" : null;
        message.MaxAge = Math.Min(state.Wish.MaxAgeSeconds ?? AskedAgain.AnyAge, AskedAgain.AnyAge).ToString(CultureInfo.InvariantCulture);
        message.LoginHint = state.Wish.ShownHint;
        if (state.Intent == SignInIntent.Offline)
        {
            OfflineRequest.AddTo(message, provider);
        }

        return Task.CompletedTask;
    }

    /// <summary>RFC 9207 §2.4: a provider that sends <c>iss</c> always sends it, and it is the provider's own.</summary>
    public override async Task MessageReceived(MessageReceivedContext context)
    {
        if (SignInState.From(context.Properties) is null)
        {
            // No sign-in of ours, so the handler takes nothing of it; anybody can send that, and one line in the log is enough.
            return;
        }

        var provider = providers.OfScheme(context.Scheme.Name);
        var sent = context.ProtocolMessage.Iss;
        var configuration = await directory.MetadataOf(provider).GetConfigurationAsync(context.HttpContext.RequestAborted);
        if (sent is null ? configuration.AuthorizationResponseIssParameterSupported : sent != provider.Issuer)
        {
            throw new ProviderException(
                ProviderFault.Untrustworthy,
                $"The answer that came back for {provider.Name} " + (sent is null ? "lacks 'iss', which it always sends." : "is from another issuer ('iss')."));
        }
    }

    public override async Task AuthorizationCodeReceived(AuthorizationCodeReceivedContext context)
    {
        var request = context.TokenEndpointRequest!;
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = request.Code,
            ["redirect_uri"] = request.RedirectUri,
            ["code_verifier"] = request.GetParameter("code_verifier"),
        };
        var answer = await tokens.AskAsync(providers.OfScheme(context.Scheme.Name), form, context.HttpContext.RequestAborted);
        context.HandleCodeRedemption(new OpenIdConnectMessage(answer.GetRawText()));
    }

    public override async Task TokenValidated(TokenValidatedContext context)
    {
        var provider = providers.OfScheme(context.Scheme.Name);
        var answer = context.TokenEndpointResponse!;
        // The handler leaves nonce and at_hash to who redeemed the code.
        context.Options.ProtocolValidator.ValidateTokenResponse(new OpenIdConnectProtocolValidationContext
        {
            ClientId = provider.ClientId,
            ProtocolMessage = answer,
            ValidatedIdToken = context.SecurityToken,
            Nonce = context.Nonce,
        });
        var claims = IdTokenClaims.Of(answer.IdToken);
        var sources = new List<JsonElement> { claims };
        var subject = TokenEndpoint.Text(claims, "sub");
        if (provider.AsksUserInfo && await UserInfoAsync(provider, answer.AccessToken, subject, context.HttpContext.RequestAborted) is { } userInfo)
        {
            sources.Add(userInfo);
        }

        var identity = UpstreamIdentity.From(provider, subject, sources) with { RefreshToken = answer.RefreshToken };
        SignInState.Keep(context.Properties!, identity);
    }

    public override Task AccessDenied(AccessDeniedContext context) => FailAsync(context, "access_denied", null);

    public override Task RemoteFailure(RemoteFailureContext context) => FailAsync(context, null, context.Failure);

    public override async Task TicketReceived(TicketReceivedContext context)
    {
        await CompleteSignIn.RunAsync(context.HttpContext, providers.OfScheme(context.Scheme.Name), context.Properties!);
        context.HandleResponse();
    }

    /// <summary>OpenID Connect Core §5.3.2: its <c>sub</c> must be that of the ID token.</summary>
    private async Task<JsonElement?> UserInfoAsync(Provider provider, string? accessToken, string? subject, CancellationToken cancellationToken)
    {
        var endpoint = (await directory.MetadataOf(provider).GetConfigurationAsync(cancellationToken)).UserInfoEndpoint;
        if (string.IsNullOrEmpty(endpoint) || string.IsNullOrEmpty(accessToken))
        {
            return null;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, endpoint) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", accessToken) } };
        using var response = await http.SendAsync(provider, request, cancellationToken);
        if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "application/json")
        {
            return null;
        }

        var userInfo = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return TokenEndpoint.Text(userInfo, "sub") == subject
            ? userInfo
            : throw new ProviderException(ProviderFault.Untrustworthy, $"{provider.Name}'s userinfo is about someone else than its ID token.");
    }

    private async Task FailAsync<TOptions>(HandleRequestContext<TOptions> context, string? error, Exception? failure) where TOptions : AuthenticationSchemeOptions
    {
        var properties = context switch { RemoteFailureContext remote => remote.Properties, AccessDeniedContext denied => denied.Properties, _ => null };
        await SignInFailure.AnswerAsync(context.HttpContext, providers.OfScheme(context.Scheme.Name), SignInState.From(properties), error, failure);
        context.HandleResponse();
    }
}
