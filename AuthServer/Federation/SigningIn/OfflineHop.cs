using McpAspire.AuthServer.Authorize;
using McpAspire.AuthServer.Federation.Asking;
using McpAspire.AuthServer.Federation.Providers;
using McpAspire.AuthServer.SignIn;

namespace McpAspire.AuthServer.Federation.SigningIn;

/// <summary>
/// Sends the browser to the provider once more, for the offline token on which applications hang that stay connected,
/// where the person has none yet. Whatever comes of it, the authorization goes on.
/// </summary>
internal sealed class OfflineHop(ProviderSet providers, ProviderDirectory directory, OfflineTokens tokens, TimeProvider time)
{
    /// <returns>The way there, or null where there is nothing to get or nobody to ask.</returns>
    internal async Task<IResult?> ChallengeAsync(PendingRequest pending, Session session, CancellationToken cancellationToken)
    {
        if (session.Upstream is not { } upstream || providers.Find(upstream.Provider) is not { } provider
            || !await tokens.IsMissingAsync(provider, upstream, cancellationToken))
        {
            return null;
        }

        try
        {
            await directory.MetadataOf(provider).GetFreshAsync(cancellationToken);
        }
        catch (ProviderException)
        {
            // A provider that is down would keep the person; the grant ends by its OfflineLifetime then.
            return null;
        }

        var state = new SignInState(SignInIntent.Offline, pending, SignInWish.None, time.GetUtcNow(), SessionStamp.Of(session));
        return Results.Challenge(state.ToProperties(), [provider.Scheme]);
    }
}
