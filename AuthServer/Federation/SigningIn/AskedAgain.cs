using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.SignIn;
using McpAspire.ServiceDefaults;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>
/// When a person last proved who they are, and whether that is as new as the application wanted (<c>prompt=login</c>,
/// <c>max_age</c>). Only the provider's <c>auth_time</c> says so, which it is always asked for, or that this very sign-in
/// asked it to let the person sign in anew. A provider that signs someone in without a question proves nothing.
/// </summary>
internal static class AskedAgain
{
    /// <summary>Sent where the application wants nothing: a provider must give <c>auth_time</c> where <c>max_age</c> was asked for (OpenID Connect Core §2).</summary>
    internal const long AnyAge = 365 * 24 * 60 * 60;

    /// <summary>By our clock: what the provider says, now where that is since we sent them there, or <see cref="Session.NobodyKnows"/>.</summary>
    internal static DateTimeOffset At(Provider provider, SignInState state, UpstreamIdentity identity, DateTimeOffset now) => identity.AuthenticatedAt switch
    {
        { } provedAt => provedAt >= state.StartedAt - ClockSkew.Allowed ? now : provedAt,
        null => provider.IsOpenId && state.Wish.AsksForLogin ? now : Session.NobodyKnows,
    };

    /// <summary>Since when it is certain that the person proved who they are: what the provider says, or since it was asked to let them.</summary>
    internal static DateTimeOffset Since(SignInState state, UpstreamIdentity identity)
    {
        var said = identity.AuthenticatedAt ?? DateTimeOffset.MinValue;
        return state.Wish.AsksForLogin && state.StartedAt > said ? state.StartedAt : said;
    }

    /// <summary>
    /// No laxer than what the authorization endpoint judges by, so that the browser is never sent around in a circle.
    /// </summary>
    internal static bool IsAsWished(SignInState state, DateTimeOffset provedAt, DateTimeOffset now) =>
        provedAt == now || (!state.Wish.AsksForLogin && (state.Wish.MaxAgeSeconds is not { } seconds || (now - provedAt).TotalSeconds <= seconds));
}
