using McpAspire.AuthServer.SignIn;
using McpAspire.AuthServer.SignOut;
using McpAspire.AuthServer.Storage;

namespace McpAspire.AuthServer.Federation.Revoking;

/// <summary>
/// Refresh tokens of providers that nothing here needs any more. They are written into the outbox, and revoked there
/// (RFC 7009) off the person's path (<see cref="ProviderNotice"/>).
/// </summary>
internal sealed class UnneededTokens(AuthDbContext database, LogoutNoticeSignal notices, TimeProvider time)
{
    /// <summary>Adds a token, wrapped; whoever calls saves it with what made it unneeded.</summary>
    /// <param name="provider">The provider's key.</param>
    /// <param name="accountId">The person.</param>
    /// <param name="token">The token; null where there is none.</param>
    internal void Add(string provider, string accountId, byte[]? token)
    {
        if (token is not null)
        {
            database.LogoutNotices.Add(LogoutNotice.New(NoticeKind.ProviderToken, provider, accountId, null, token, time.GetUtcNow()));
        }
    }

    /// <inheritdoc cref="Add(string, string, byte[])"/>
    internal void Add(UpstreamSession? upstream, string accountId)
    {
        if (upstream is not null)
        {
            Add(upstream.Provider, accountId, upstream.Token);
        }
    }

    /// <summary>Saves what was added, and wakes who revokes it.</summary>
    internal async Task SaveAsync(CancellationToken cancellationToken)
    {
        await database.SaveChangesAsync(cancellationToken);
        notices.Set();
    }
}
