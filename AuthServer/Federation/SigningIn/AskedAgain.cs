using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>
/// Where the application wanted the person to sign in anew (<c>prompt=login</c>, <c>max_age</c>), the provider's
/// <c>auth_time</c> must say that they did. Where it gives none, its word is taken.
/// </summary>
internal static class AskedAgain
{
    internal static void Check(Provider provider, SignInState state, UpstreamIdentity identity, DateTimeOffset now)
    {
        var oldest = (state.Wish.AsksForLogin, state.Wish.MaxAgeSeconds) switch
        {
            (true, _) or (_, 0) => state.StartedAt,
            (_, { } seconds) => now.AddSeconds(-seconds),
            _ => DateTimeOffset.MinValue,
        };
        if (identity.AuthenticatedAt is { } provedAt && oldest > DateTimeOffset.MinValue && provedAt < oldest - ProviderTokens.Skew)
        {
            throw new ProviderException(ProviderFault.NotFresh, $"{provider.Name} was asked to let the person sign in anew, and did not.");
        }
    }

    /// <summary>
    /// When the person last proved who they are, by our clock: what the provider says, and now where that is since we
    /// sent them there.
    /// </summary>
    internal static DateTimeOffset At(SignInState state, UpstreamIdentity identity, DateTimeOffset now) =>
        identity.AuthenticatedAt is { } provedAt && provedAt < state.StartedAt - ProviderTokens.Skew ? provedAt : now;
}
