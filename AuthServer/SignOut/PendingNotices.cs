using McpAspire.AuthServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace McpAspire.AuthServer.SignOut;

/// <summary>Says whether a provider was told of a sign-out.</summary>
internal sealed class PendingNotices(AuthDbContext database)
{
    /// <summary>How long a person who comes back waits for it; usually it takes a fraction of that.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until the provider was told that its session ended here, or too long.</summary>
    /// <param name="provider">The provider's key.</param>
    /// <param name="sid">Its session.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    internal async Task WaitForProviderAsync(string provider, string sid, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            while (await IsPendingAsync(provider, sid, patience.Token))
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The provider is slow or away.
        }
    }

    /// <summary>True while the provider is to be told of a sign-out of the person.</summary>
    internal Task<bool> IsForPersonAsync(string provider, string accountId, CancellationToken cancellationToken) => database.LogoutNotices.AnyAsync(
        notice => notice.Kind == NoticeKind.Provider && notice.Target == provider && notice.AccountId == accountId, cancellationToken);

    private Task<bool> IsPendingAsync(string provider, string sid, CancellationToken cancellationToken) => database.LogoutNotices.AnyAsync(
        notice => notice.Kind == NoticeKind.Provider && notice.Target == provider
            && database.Sessions.Any(session => session.Id == notice.SessionId && session.Upstream!.Provider == provider && session.Upstream.Sid == sid),
        cancellationToken);
}
