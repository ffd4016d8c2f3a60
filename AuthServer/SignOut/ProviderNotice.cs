using System.Security.Cryptography;
using McpAspire.AuthServer.Federation;
using McpAspire.AuthServer.Federation.Revoking;

namespace McpAspire.AuthServer.SignOut;

/// <summary>
/// Ends at the identity provider what was ended here: its session, where it can, else the refresh token, once nothing else
/// hangs on what would end with it.
/// </summary>
internal sealed partial class ProviderNotice(
    ProviderLogout providers, TokenFamily family, PendingNotices pending, UpstreamTokenProtection protection, ILogger<ProviderNotice> logger)
{
    internal async Task<NoticeOutcome> TellAsync(LogoutNotice notice, CancellationToken cancellationToken)
    {
        string token;
        try
        {
            token = protection.Unwrap(notice.Token!);
        }
        catch (CryptographicException)
        {
            WrappedWithAnotherKey(notice.Target);
            return NoticeOutcome.Refused;
        }

        try
        {
            return await EndAsync(notice, token, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return NoticeOutcome.Later;
        }
    }

    private async Task<NoticeOutcome> EndAsync(LogoutNotice notice, string token, CancellationToken cancellationToken)
    {
        if (!providers.Knows(notice.Target))
        {
            return NoticeOutcome.Done;
        }

        bool done;
        if (notice.Kind == NoticeKind.Provider && providers.EndsSessions(notice.Target))
        {
            done = await providers.EndAsync(notice.Target, token, cancellationToken);
        }
        else if (providers.EndsSessions(notice.Target) && await pending.IsForPersonAsync(notice.Target, notice.AccountId, cancellationToken))
        {
            // Its revocation would part us from the session there, which then could not be ended any more.
            return NoticeOutcome.Later;
        }
        else if (await family.IsNeededAsync(notice.Target, notice.AccountId, token, cancellationToken))
        {
            return NoticeOutcome.NotYet;
        }
        else
        {
            done = await providers.RevokeAsync(notice.Target, token, cancellationToken);
        }

        return done ? NoticeOutcome.Done : NoticeOutcome.Later;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "What ended here can't be ended at the provider {Provider}: its token was wrapped with another key. Set 'DataProtection:WrappingKey' to the value that this database was made with")]
    private partial void WrappedWithAnotherKey(string provider);
}
