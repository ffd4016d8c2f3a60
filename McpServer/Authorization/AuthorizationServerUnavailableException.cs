namespace McpAspire.McpServer.Authorization;

/// <summary>
/// The authorization server's metadata or keys can't be had, so a token can be neither accepted nor refused.
/// The message is fit to be shown.
/// </summary>
internal sealed class AuthorizationServerUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>When asking again is worthwhile.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
}
