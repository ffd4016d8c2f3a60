using McpAspire.AuthServer.Audit;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.Pages;
using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>Sorts what can go wrong on the way back from a provider: a page for the person, an audit event, and a log entry where an operator must act.</summary>
internal sealed partial class SignInFailure(TimeProvider time, AuditLog audit, ILogger<SignInFailure> logger)
{
    private const int LongestError = 60;

    /// <param name="context">The request.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="state">What the sign-in was for; null where that could not be read.</param>
    /// <param name="error">The provider's OAuth error, where known.</param>
    /// <param name="failure">What was thrown.</param>
    internal static Task AnswerAsync(HttpContext context, Provider provider, SignInState? state, string? error, Exception? failure) =>
        context.RequestServices.GetRequiredService<SignInFailure>()
            .Sort(context, provider, state, error ?? failure?.Data["error"] as string, failure)
            .ExecuteAsync(context);

    /// <summary>What a person sees where the provider could not even be asked.</summary>
    internal IResult Sort(HttpContext context, Provider provider, SignInState? state, string? error, Exception? failure)
    {
        var known = failure as ProviderException ?? failure?.InnerException as ProviderException;
        audit.SignInFailed(provider.Key, error ?? known?.Fault.ToString() ?? "no valid state or no valid answer");
        if (known?.Fault is ProviderFault.Misconfigured or ProviderFault.Unreachable or ProviderFault.Untrustworthy)
        {
            Log(known.Fault == ProviderFault.Unreachable ? LogLevel.Warning : LogLevel.Error, provider.Key, known.Message);
        }
        else if (failure is not null && known is null && error is null && state is not null)
        {
            Log(LogLevel.Warning, provider.Key, failure.Message);
        }

        if (state?.Intent == SignInIntent.Offline)
        {
            // The application's authorization goes on without the token.
            return PageResult.Continue(context, state.Pending.Url, "One moment");
        }

        var pending = state?.Pending ?? new(null, null);
        var wish = state?.Wish ?? SignInWish.None;
        return (known?.Fault, error, state) switch
        {
            (ProviderFault.Unreachable, _, _) => ProviderPages.Unreachable(context, provider, pending, wish),
            (ProviderFault.Misconfigured, _, _) => ProviderPages.Misconfigured(context, provider, pending, wish),
            (ProviderFault.NotFresh, _, { } began) => ProviderPages.NotFresh(context, provider, began),
            // The session there ended as it gave the code: who signed out and comes back at once rode on it.
            (ProviderFault.InvalidGrant, _, { Intent: SignInIntent.SignIn, Wish.AsksForLogin: false } rode) when provider.EndsSessions =>
                Results.Challenge(rode.Anew(time.GetUtcNow()).ToProperties(), [provider.Scheme]),
            (ProviderFault.InvalidGrant, _, _) => ProviderPages.Lost(context, provider),
            (_, { } code, { } began) when IsShowable(code) => ProviderPages.Refused(context, provider, began, code),
            (ProviderFault.Untrustworthy, _, { } began) => ProviderPages.Untrustworthy(context, provider, began),
            _ when failure?.Message is "Correlation failed." || state is null => ProviderPages.Lost(context, provider),
            _ => ProviderPages.Untrustworthy(context, provider, state),
        };
    }

    private static bool IsShowable(string code) => code.Length <= LongestError && code.All(c => char.IsAsciiLetterLower(c) || c == '_');

    [LoggerMessage(Message = "Signing in with the provider '{Provider}' failed: {Reason}")]
    private partial void Log(LogLevel level, string provider, string reason);
}
