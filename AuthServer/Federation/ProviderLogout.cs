namespace McpAspire.AuthServer.Federation;

/// <summary>Ends a session at its identity provider, server to server, with the refresh token of that session.</summary>
internal class ProviderLogout
{
    /// <param name="provider">The provider's key.</param>
    /// <param name="refreshToken">The session's refresh token there.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>True where it is done, or can't be done ever; false where it should be tried again later.</returns>
    internal virtual Task<bool> EndAsync(string provider, string refreshToken, CancellationToken cancellationToken) => Task.FromResult(true);
}
