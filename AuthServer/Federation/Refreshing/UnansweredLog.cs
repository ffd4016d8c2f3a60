using McpAspire.AuthServer.Federation.Asking;

namespace McpAspire.AuthServer.Federation.Refreshing;

/// <summary>Says in the log that a provider gave no answer: an error where an operator must act.</summary>
internal sealed partial class UnansweredLog(ILogger<UnansweredLog> logger)
{
    internal void Write(ProviderException exception, string provider) =>
        NotAsked(exception.Fault == ProviderFault.Misconfigured ? LogLevel.Error : LogLevel.Warning, provider, exception.Message);

    [LoggerMessage(Message = "The provider '{Provider}' could not be asked whether a person is still signed in: {Reason}")]
    private partial void NotAsked(LogLevel level, string provider, string reason);
}
