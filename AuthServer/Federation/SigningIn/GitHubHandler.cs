using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.ServiceDefaults.PublicUrls;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.Extensions.Options;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>
/// GitHub speaks OAuth, not OpenID Connect: no ID token, nonce, issuer or refresh. Who signed in is asked of its API,
/// and the number there, which never changes, is the subject.
/// </summary>
internal sealed class GitHubHandler(
    IOptionsMonitor<OAuthOptions> options, ILoggerFactory logger, UrlEncoder encoder, ProviderSet providers, TokenEndpoint tokens, ProviderHttp http,
    PublicUrl issuer) : OAuthHandler<OAuthOptions>(options, logger, encoder)
{
    private Provider Provider => providers.OfScheme(Scheme.Name);

    protected override string BuildChallengeUrl(AuthenticationProperties properties, string redirectUri) =>
        base.BuildChallengeUrl(properties, issuer.Of(Provider.CallbackPath));

    protected override async Task<OAuthTokenResponse> ExchangeCodeAsync(OAuthCodeExchangeContext context)
    {
        var form = new Dictionary<string, string>
        {
            ["code"] = context.Code,
            ["redirect_uri"] = issuer.Of(Provider.CallbackPath),
            ["code_verifier"] = context.Properties.Items[OAuthConstants.CodeVerifierKey]!,
        };
        try
        {
            var answer = await tokens.AskAsync(Provider, form, Context.RequestAborted);
            var token = TokenEndpoint.Text(answer, "access_token")
                ?? throw new ProviderException(ProviderFault.Untrustworthy, $"{Provider.Name} gave no access token.");
            SignInState.Keep(context.Properties, await WhoIsAsync(token));
            // The handler wants a token; it goes no further than here.
            return OAuthTokenResponse.Success(JsonDocument.Parse("""{"access_token":"-"}"""));
        }
        catch (ProviderException exception)
        {
            return OAuthTokenResponse.Failed(exception);
        }
    }

    private async Task<UpstreamIdentity> WhoIsAsync(string token)
    {
        var user = await GetAsync(Provider.GitHub!.User, token);
        if (user.ValueKind != JsonValueKind.Object || !user.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.Number)
        {
            throw new ProviderException(ProviderFault.Untrustworthy, $"{Provider.Name} did not say who signed in.");
        }

        var identity = UpstreamIdentity.From(Provider, id.GetRawText(), user);
        return identity with { Email = Provider.Scopes.Any(scope => scope is "user:email" or "user") ? await VerifiedEmailAsync(token) : null };
    }

    /// <summary>The primary address, where it is verified. The one in the profile may be anything.</summary>
    private async Task<string?> VerifiedEmailAsync(string token)
    {
        var emails = await GetAsync(new Uri(Provider.GitHub!.User.AbsoluteUri.TrimEnd('/') + "/emails"), token);
        var primary = emails.ValueKind == JsonValueKind.Array
            ? emails.EnumerateArray().FirstOrDefault(email => IsTrue(email, "primary") && IsTrue(email, "verified"))
            : default;
        return TokenEndpoint.Text(primary, "email") is { Length: <= 256 } address ? address : null;
    }

    private static bool IsTrue(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private async Task<JsonElement> GetAsync(Uri address, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token), Accept = { new("application/vnd.github+json") } },
        };
        using var response = await http.SendAsync(Provider, request, Context.RequestAborted);
        if (!response.IsSuccessStatusCode)
        {
            throw new ProviderException(
                ProviderFault.Misconfigured, $"{address.GetLeftPart(UriPartial.Path)} answered {(int)response.StatusCode}. Check the scopes 'read:user user:email'.");
        }

        try
        {
            return await response.Content.ReadFromJsonAsync<JsonElement>(Context.RequestAborted);
        }
        catch (JsonException exception)
        {
            throw new ProviderException(ProviderFault.Untrustworthy, $"{address.GetLeftPart(UriPartial.Path)} answered no JSON.", exception);
        }
    }
}

/// <summary>Where the result of GitHub's handler goes.</summary>
internal sealed class GitHubEvents(ProviderSet providers) : OAuthEvents
{
    public override Task AccessDenied(AccessDeniedContext context) => FailAsync(context, context.Properties, "access_denied", null);

    public override Task RemoteFailure(RemoteFailureContext context) => FailAsync(context, context.Properties, null, context.Failure);

    public override async Task TicketReceived(TicketReceivedContext context)
    {
        await CompleteSignIn.RunAsync(context.HttpContext, providers.OfScheme(context.Scheme.Name), context.Properties!);
        context.HandleResponse();
    }

    private async Task FailAsync<TOptions>(HandleRequestContext<TOptions> context, AuthenticationProperties? properties, string? error, Exception? failure)
        where TOptions : AuthenticationSchemeOptions
    {
        await SignInFailure.AnswerAsync(context.HttpContext, providers.OfScheme(context.Scheme.Name), SignInState.From(properties), error, failure);
        context.HandleResponse();
    }
}
