using System.Security.Cryptography;
using McpAspire.AuthServer.Federation;

namespace McpAspire.AuthServer.SignOut;

/// <summary>Ends the session at the identity provider that a session here hung on.</summary>
internal sealed partial class ProviderNotice(ProviderLogout providers, UpstreamTokenProtection protection, ILogger<ProviderNotice> logger)
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
            return await providers.EndAsync(notice.Target, token, cancellationToken) ? NoticeOutcome.Done : NoticeOutcome.Later;
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return NoticeOutcome.Later;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The session at the provider {Provider} can't be ended: its token was wrapped with another key. Set 'DataProtection:WrappingKey' to the value that this database was made with")]
    private partial void WrappedWithAnotherKey(string provider);
}
